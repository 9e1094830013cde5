export { type RunRecord, readRunRecord, type StageRun } from './run-record.js';
export { runStages, type StageReport } from './run-stages.js';
export { STAGES, type Stage, type StageName } from './stages.js';
