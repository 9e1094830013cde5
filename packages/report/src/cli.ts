import { main, packageVersion } from '@retail-sim/cli';
import { reportCommand } from './report-command.js';

await main(reportCommand, packageVersion(import.meta.url));
