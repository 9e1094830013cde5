export { buildReport, type Report, type ReportOptions } from './build-report.js';
export type { RunFolders } from './run-folders.js';
