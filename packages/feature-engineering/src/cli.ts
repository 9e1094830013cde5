import { writeFile } from 'node:fs/promises';
import { publishFile } from '@retail-sim/artifacts';
import { defineCommand, main, type OptionValues, option, packageVersion } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { describeFeatures, descriptionText, productMapOf } from './describe/describe-features.js';
import { type FeatureEngineeringOptions, LAYER_NUMBERS } from './options.js';
import { EMBEDDINGS } from './product-embeddings/compute-product-embeddings.js';
import { TIER_LIMITS } from './pseudo-brands/price-tier.js';
import { reportText } from './report-text.js';
import { runFeatureEngineering } from './run-feature-engineering.js';

const options = {
  processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
  features: option.path({
    default: 'data/features',
    description: 'folder of feature engineering',
    aliases: ['out', 'output'],
  }),
  layers: option.list(option.choice(['1', '2', '3', '4', '5'], { default: '1', description: 'layer' }), {
    default: ['1', '2', '3', '4', '5'],
    description: '1 pseudo-brands, 2 prices, 3 products, 4 customers, 5 stores; what is up to date is kept',
  }),
  force: option.flag({ description: 'run every layer asked for, even where nothing has changed' }),
  nrows: option.integer({
    min: 1,
    description: 'must be what the data pipeline was run with',
    otherwise: 'the rows of the data pipeline',
  }),
  split: option.custom(
    z
      .string()
      .regex(/^(none|\d+\/\d+\/\d+)$/, 'must be none or three shares of 100, such as 80/10/10')
      .optional(),
    {
      description: 'train/validation/test; must be what the data pipeline was run with',
      placeholder: 'A/B/C',
      otherwise: 'the split of the data pipeline',
    },
  ),
  fitThroughWeek: option.integer({
    min: 100001,
    max: 999953,
    placeholder: 'YYYYWW',
    description: 'last week that fitted statistics may read; must be that of the data pipeline',
    otherwise: 'that of the data pipeline',
  }),
  compat: option.choice(['reference'], {
    description: 'reproduce the reference, defect by defect, for parity tests',
  }),
  embedding: option.choice(EMBEDDINGS, {
    default: 'graphsage',
    description: 'how products get their vectors; docs/product-embeddings.md compares them',
  }),
  device: option.text({
    default: 'wasm',
    description: 'where GraphSAGE trains: wasm (same bytes for any threads), auto, cpu, cuda, webgpu or mps',
  }),
  priceScalars: option.flag({
    description: 'write the four prices of each encoding only, not its 64 numbers',
  }),
  premiumPercentile: option.number({
    min: 0,
    max: 1,
    default: TIER_LIMITS.premium,
    description: 'price rank in the category above which a product is premium',
  }),
  valuePercentile: option.number({
    min: 0,
    max: 1,
    default: TIER_LIMITS.value,
    description: 'price rank in the category below which a product is value',
  }),
  substitutionThreshold: option.number({
    min: 0,
    default: 0.5,
    description: 'weakest edge that joins pseudo-brands; with --compat reference only',
  }),
} as const;

const describe = defineCommand({
  name: 'describe',
  section: 'feature-engineering',
  summary: 'Prints brands, prices, nearest products, customers and stores of a features folder',
  options: {
    features: options.features,
    products: option.list(option.text({ default: '', description: 'product' }), {
      description: 'products whose nearest products to show',
      otherwise: 'the best selling product of ten categories',
    }),
    map: option.path({
      of: 'file',
      description: 'write a map of all products, coloured by department, to this SVG file',
    }),
  },
  examples: [
    { command: 'pnpm retail-feature-engineering describe', does: 'what is in data/features' },
    { command: 'pnpm retail-feature-engineering describe --json', does: 'the same for a program' },
    {
      command: 'pnpm retail-feature-engineering describe --map products.svg',
      does: 'the product vectors in two dimensions',
    },
  ],
  run: async (_context, { features, products, map }) => {
    const description = await describeFeatures(features, products);
    if (map !== undefined) {
      const svg = await productMapOf(features);
      await publishFile(map, (temporary) => writeFile(temporary, svg));
    }
    return { data: description, text: descriptionText(description) };
  },
});

const command = defineCommand({
  name: 'retail-feature-engineering',
  summary: 'Turns the processed data into features of prices, products, customers and stores',
  options,
  examples: [
    { command: 'pnpm retail-feature-engineering', does: 'all layers, data/processed to data/features' },
    {
      command: 'pnpm retail-feature-engineering --layers 1,3',
      does: 'pseudo-brands and product embeddings only',
    },
    {
      command: 'pnpm retail-feature-engineering --price-scalars',
      does: 'prices without their 64 numbers',
    },
    { command: 'pnpm retail-feature-engineering describe', does: 'what is in data/features' },
  ],
  subcommands: [describe],
  run: async ({ log, progress, signal, threads, seed }, flags) => {
    const result = await runFeatureEngineering(featureOptions(flags, threads, seed), {
      log,
      progress,
      signal,
    });
    return { data: result, text: reportText(result) };
  },
});

function featureOptions(
  flags: OptionValues<typeof options>,
  threads: number,
  seed: number,
): FeatureEngineeringOptions {
  const { premiumPercentile: premium, valuePercentile: value } = flags;
  if (value > premium) {
    throw new InputError({
      what: `--value-percentile ${value} is above --premium-percentile ${premium}`,
      remedy: 'give a value percentile that is at most the premium one',
    });
  }
  const wanted = flags.layers.map(Number);
  return {
    processed: flags.processed,
    features: flags.features,
    mode: flags.compat === 'reference' ? 'reference' : 'corrected',
    split: flags.split,
    fitThroughWeek: flags.fitThroughWeek,
    nrows: flags.nrows,
    layers: LAYER_NUMBERS.filter((layer) => wanted.includes(layer)),
    tierLimits: { premium, value },
    substitutionThreshold: flags.substitutionThreshold,
    priceScalars: flags.priceScalars,
    embedding: flags.embedding,
    device: flags.device,
    seed,
    threads,
    force: flags.force,
  };
}

await main(command, packageVersion(import.meta.url));
