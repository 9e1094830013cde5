import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE, wasCutShort } from '@retail-sim/artifacts';
import { defineCommand, option } from '@retail-sim/cli';
import { reportText } from './report-text.js';
import { runOptions, settingsOf } from './run-options.js';
import { runStages } from './run-stages.js';
import { STAGE_NAMES, STAGES } from './stages.js';
import { isRawData } from './up-to-date.js';

/** Sizes for a few minutes on a small machine. */
const DEMO_CONFIG = relative('', fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url)));

export const demoCommand = defineCommand({
  name: 'demo',
  section: 'demo',
  summary: 'Makes sample data and runs every stage on it, small',
  options: {
    ...runOptions,
    stages: option.list(option.choice(STAGE_NAMES, { description: 'stage' }), {
      default: STAGE_NAMES,
      description: 'stages to run',
    }),
  },
  examples: [{ command: 'pnpm retail-sim demo', does: 'the whole flow, in a few minutes' }],
  run: async (context, options) => {
    const config = context.config?.given ? context.config.file : DEMO_CONFIG;
    const settings = settingsOf(options, context, {
      nrows: undefined,
      split: undefined,
      config,
      run: 'demo',
    });
    const foreign = await holdsOtherData(options.raw);
    if (foreign) context.log.info(`${options.raw} holds data of yours: the demo runs on them`);
    const stages = STAGES.filter(
      ({ name }) => options.stages.includes(name) && !(foreign && name === 'sample-data'),
    );
    const reports = await runStages(stages, settings, context, { force: options.force });
    return { data: { stages: reports }, text: reportText(reports) };
  },
});

/** Raw data that the sample generator did not make: it leaves a manifest, or a journal where it was killed. */
async function holdsOtherData(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  if (!names.some(isRawData) || (await wasCutShort(folder, 'retail-sample-data'))) return false;
  return stat(join(folder, MANIFEST_FILE)).then(
    () => false,
    () => true,
  );
}
