export { type RunRecord, readRunRecord, type StageRun } from './run-record.js';
export { runStages, type StageReport } from './run-stages.js';
export type { Stage, StageName } from './stages.js';
