import { defineCommand } from '@retail-sim/cli';
import { demoCommand } from './demo-command.js';
import { runCommand } from './run-command.js';

export const retailSimCommand = defineCommand({
  name: 'retail-sim',
  section: 'sim',
  summary: 'Runs the stages from raw transactions to an evaluated model',
  options: {},
  subcommands: [runCommand, demoCommand],
  examples: [],
});
