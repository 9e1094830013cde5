import { defineCommand, option } from '@retail-sim/cli';
import { refuseMixedRawData } from './mixed-raw-data.js';
import { reportText } from './report-text.js';
import { runOptions, settingsOf } from './run-options.js';
import { runStages } from './run-stages.js';
import { STAGE_NAMES, STAGES } from './stages.js';

export const runCommand = defineCommand({
  name: 'run',
  section: 'sim',
  summary: 'Runs all stages on your data, one after the other; leaves out what is up to date',
  options: {
    ...runOptions,
    stages: option.list(option.choice(STAGE_NAMES, { description: 'stage' }), {
      description: 'stages to run',
      otherwise: 'all but sample-data',
    }),
    nrows: option.integer({ min: 1, description: 'read the first N rows only', otherwise: 'all rows' }),
    run: option.text({
      default: 'main',
      description: 'name of the training run and of the report',
      placeholder: 'NAME',
    }),
    split: option.text({
      description: 'shares of train/validation/test, or none',
      placeholder: 'A/B/C',
      otherwise: '80/10/10',
    }),
  },
  examples: [
    { command: 'pnpm retail-sim run --nrows 10000', does: 'a first look at your data' },
    { command: 'pnpm retail-sim run', does: 'everything; stop it and start it again as you like' },
  ],
  run: async (context, options) => {
    if (!options.stages?.includes('sample-data')) await refuseMixedRawData(options.raw);
    const names: readonly string[] = options.stages ?? STAGE_NAMES.filter((name) => name !== 'sample-data');
    const { nrows, split, force, run } = options;
    const settings = settingsOf(options, context, { nrows, split, run, config: context.config?.file });
    const reports = await runStages(
      STAGES.filter(({ name }) => names.includes(name)),
      settings,
      context,
      { force },
    );
    return { data: { stages: reports }, text: reportText(reports) };
  },
});
