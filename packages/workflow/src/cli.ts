import { main, packageVersion } from '@retail-sim/cli';
import { retailSimCommand } from './retail-sim-command.js';

await main(retailSimCommand, packageVersion(import.meta.url));
