import { main, packageVersion } from '@retail-sim/cli';
import { sampleDataCommand } from './sample-data-command.js';

await main(sampleDataCommand, packageVersion(import.meta.url));
