import {
  defineCommand,
  formatBytes,
  formatNumber,
  main,
  option,
  type ProgressTask,
  packageVersion,
} from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { buildTensors } from './build/build-tensors.js';
import { describeTensors, descriptionText } from './describe/describe-tensors.js';
import { MASK_PROBABILITY, MAX_SEQUENCE_LENGTH } from './dimensions.js';
import { inspectBasket, inspectedText } from './inspect/inspect-basket.js';
import { openTensors } from './loader/open-tensors.js';

const folders = {
  tensors: option.path({
    default: 'data/tensors',
    description: 'folder of the tensors',
    aliases: ['output'],
  }),
};

const inspect = defineCommand({
  name: 'inspect',
  section: 'build-tensors',
  summary: 'Prints one basket as the model sees it, every block decoded back to words',
  options: folders,
  arguments: [{ name: 'BASKET_ID', description: 'number of the basket, as in the raw data', required: true }],
  examples: [
    { command: 'pnpm retail-build-tensors inspect 994100100000422', does: 'T1 to T6 of a basket in words' },
  ],
  run: async (_context, { tensors: folder }, [text = '']) => {
    const basketId = Number(text);
    if (!Number.isSafeInteger(basketId) || basketId < 0 || text.trim() === '') {
      throw new InputError({
        what: `${JSON.stringify(text)} is not a basket id`,
        remedy: 'give the number of a basket, as the raw data write it',
      });
    }
    using tensors = await openTensors(folder);
    const basket = inspectBasket(tensors, basketId);
    return { data: basket, text: inspectedText(basket) };
  },
});

const describe = defineCommand({
  name: 'describe',
  section: 'build-tensors',
  summary: 'Prints splits, cold starts, lengths, clipped values and sizes of a tensor folder',
  options: folders,
  examples: [{ command: 'pnpm retail-build-tensors describe --json', does: 'the same for a program' }],
  run: async (_context, { tensors: folder }) => {
    using tensors = await openTensors(folder);
    const description = describeTensors(tensors);
    return { data: description, text: descriptionText(description) };
  },
});

const command = defineCommand({
  name: 'retail-build-tensors',
  summary: 'Turns the features into the tensors T1 to T6 that training reads',
  options: {
    processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
    features: option.path({ default: 'data/features', description: 'folder of feature engineering' }),
    ...folders,
    split: option.custom(
      z
        .string()
        .regex(/^(none|\d+\/\d+\/\d+)$/, 'must be none or three shares of 100, such as 80/10/10')
        .optional(),
      {
        description: 'train/validation/test; must be what the earlier stages were run with',
        placeholder: 'A/B/C',
        otherwise: 'the split of the data pipeline',
      },
    ),
    nrows: option.integer({
      min: 1,
      description: 'must be what the data pipeline was run with',
      otherwise: 'the rows of the data pipeline',
    }),
    t6: option.choice(['prior', 'observed', 'none'], {
      default: 'prior',
      description:
        'what T6 shows: the expectation before the trip, the trip itself (no labels then), or nothing',
    }),
    t2Pe: option.flag({ description: 'add the position encoding to T2' }),
    longBaskets: option.choice(['truncate', 'skip'], {
      default: 'truncate',
      description: 'baskets that are too long: show a random choice of their items, or leave them out',
    }),
    maxSeqLen: option.integer({
      min: 2,
      max: 255,
      default: MAX_SEQUENCE_LENGTH,
      description: 'longest sequence, the end token included',
    }),
    maskProb: option.number({
      min: 0,
      max: 1,
      default: MASK_PROBABILITY,
      description: 'share of the items that masked training hides',
    }),
    strict: option.flag({ description: 'stop at what is only worth a warning' }),
  },
  examples: [
    { command: 'pnpm retail-build-tensors', does: 'data/processed and data/features to data/tensors' },
    { command: 'pnpm retail-build-tensors --t6 none', does: 'an ablation without trip context' },
    { command: 'pnpm retail-build-tensors describe', does: 'what is in data/tensors' },
  ],
  subcommands: [inspect, describe],
  run: async ({ log, seed, signal, progress }, options) => {
    let task: ProgressTask | undefined;
    let shown = 0;
    const manifest = await buildTensors({
      processed: options.processed,
      features: options.features,
      tensors: options.tensors,
      ...(options.split === undefined ? {} : { split: options.split }),
      ...(options.nrows === undefined ? {} : { nrows: options.nrows }),
      seed,
      t6: options.t6,
      t2PositionEncoding: options.t2Pe,
      longBaskets: options.longBaskets,
      maxSequenceLength: options.maxSeqLen,
      maskProbability: options.maskProb,
      strict: options.strict,
      signal,
      warn: (message) => log.warn(message),
      step: (name) => log.info(name),
      progress: (done, all) => {
        task ??= progress.task('baskets', all, 'baskets');
        task.advance(done - shown);
        shown = done;
        if (done === all) task.done();
      },
    });
    const { counts, outputs, seconds } = manifest;
    const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
    const count = (name: string) => formatNumber(counts[name] ?? 0);
    return {
      data: { folder: options.tensors, counts, bytes, seconds },
      text: [
        `${count('baskets')} baskets (train ${count('trainBaskets')}, val ${count('valBaskets')}, test ${count('testBaskets')}), ${count('pairs')} pairs`,
        `${count('customers')} customers, ${count('states')} states, ${count('stores')} stores, ${count('products')} products, ${count('prices')} prices`,
        `${options.tensors}: ${formatBytes(bytes)} in ${seconds.toFixed(1)} s`,
        '',
      ].join('\n'),
    };
  },
});

await main(command, packageVersion(import.meta.url));
