import { defineCommand, main, type OptionValues, option, packageVersion } from '@retail-sim/cli';
import { z } from 'zod';
import { describeProcessed } from './describe/describe-processed.js';
import { descriptionText } from './describe/description-text.js';
import type { DataPipelineOptions, StageNumber } from './options.js';
import { parseMemory } from './parse-memory.js';
import { PRICE_DEFAULTS } from './price-derivation/parameters.js';
import { exportProductGraph } from './product-graph/export-product-graph.js';
import { GRAPH_FORMATS } from './product-graph/graph-text.js';
import { GRAPH_DEFAULTS, GRAPH_REFERENCE } from './product-graph/parameters.js';
import { reportText } from './report-text.js';
import { runDataPipeline } from './run-data-pipeline.js';
import { parseSplitRule } from './split/decide-split.js';

const STAGE_NUMBERS = ['1', '2', '3', '4'] as const;

const options = {
  input: option.list(option.path({ default: 'raw_data', description: 'input' }), {
    description:
      'raw data: a folder of transactions*.csv[.gz], single files, patterns, or the folder of an earlier run',
    otherwise: 'the folder of --raw',
  }),
  raw: option.path({ default: 'raw_data', description: 'folder of the raw data', aliases: ['raw-dir'] }),
  calendar: option.path({
    of: 'file',
    description: 'calendar of fiscal weeks',
    otherwise: 'time.csv beside the data',
  }),
  processed: option.path({ default: 'data/processed', description: 'folder to write', aliases: ['out'] }),
  nrows: option.integer({
    min: 1,
    description: 'read the first N rows and nothing behind them',
    otherwise: 'all rows',
  }),
  all: option.flag({ description: 'read all rows, whatever a config file says about --nrows' }),
  stages: option.list(option.choice(STAGE_NUMBERS, { default: '1', description: 'stage' }), {
    default: STAGE_NUMBERS,
    description: '1 prices, 2 product graph, 3 affinity, 4 missions; what is up to date is kept',
  }),
  force: option.flag({ description: 'run every step, even where nothing has changed' }),
  split: option.custom(
    z
      .string()
      .refine(
        (text) => parseSplitRule(text) !== undefined,
        'must be none or three shares of 100, such as 80/10/10',
      )
      .optional(),
    {
      description: 'train/validation/test by weeks, or none to fit on everything',
      placeholder: 'A/B/C',
      otherwise: '80/10/10; none with --compat reference',
    },
  ),
  fitThroughWeek: option.integer({
    min: 100001,
    max: 999953,
    placeholder: 'YYYYWW',
    description: 'last week that fitted statistics may read',
    otherwise: 'the end of train',
  }),
  compat: option.choice(['reference'], {
    description: 'reproduce the reference, defect by defect, for parity tests',
  }),
  maxRejectRate: option.number({
    min: 0,
    max: 1,
    default: 0.01,
    description: 'stop when more of the rows are bad',
  }),
  memoryLimit: option.custom(
    z
      .string()
      .default('1GB')
      .refine((text) => (parseMemory(text) ?? 0) >= 2e8, 'must be a size of at least 200MB, such as 2GB'),
    {
      description: 'memory to work in; what does not fit goes to disk',
      placeholder: 'SIZE',
      otherwise: '1GB',
    },
  ),
  rollingWindow: option.integer({
    min: 1,
    max: 255,
    default: PRICE_DEFAULTS.rollingWindow,
    description: 'weeks of the base price',
  }),
  discountThreshold: option.number({
    min: 0,
    max: 1,
    default: PRICE_DEFAULTS.discountThreshold,
    description: 'a deeper discount is a promotion',
  }),
  maxDiscountDepth: option.number({
    min: 0,
    max: 1,
    default: PRICE_DEFAULTS.maxDiscountDepth,
    description: 'deeper discounts are clipped',
  }),
  minPrice: option.number({
    min: 0,
    default: PRICE_DEFAULTS.minPrice,
    description: 'lowest valid unit price, GBP',
  }),
  maxPrice: option.number({
    min: 0,
    default: PRICE_DEFAULTS.maxPrice,
    description: 'unit prices from here on are invalid, GBP',
  }),
  liftThreshold: option.number({
    min: 0,
    description: 'lift of a copurchase edge',
    otherwise: String(GRAPH_DEFAULTS.liftThreshold),
  }),
  minCopurchaseCount: option.integer({
    min: 1,
    description: 'joint baskets of a copurchase edge',
    otherwise: `${GRAPH_DEFAULTS.minCopurchaseCount}; 5 with --compat reference`,
  }),
  topKComplements: option.integer({
    min: 1,
    description: 'strongest copurchase edges of a product',
    otherwise: `${GRAPH_DEFAULTS.topKComplements}; 10 with --compat reference`,
  }),
  substitutionMethod: option.choice(['within_customer', 'design'], {
    description: 'what makes two products compete',
    otherwise: 'within_customer; design with --compat reference',
  }),
  jaccardThreshold: option.number({
    min: 0,
    max: 1,
    description: 'customer overlap of substitutes',
    otherwise: `${GRAPH_DEFAULTS.jaccardThreshold}; 0.6 with --compat reference`,
  }),
  maxLiftForSubstitution: option.number({
    min: 0,
    description: 'lift of substitutes',
    otherwise: `${GRAPH_DEFAULTS.maxLiftForSubstitution}; 1.2 with --compat reference`,
  }),
  priceGapThreshold: option.number({
    min: 0,
    description: 'price difference of substitutes',
    otherwise: String(GRAPH_DEFAULTS.priceGapThreshold),
  }),
  minCustomers: option.integer({
    min: 1,
    description: 'known customers of each substitute',
    otherwise: String(GRAPH_DEFAULTS.minCustomers),
  }),
  topKSubstitutes: option.integer({
    min: 1,
    description: 'strongest substitution edges of a product',
    otherwise: `${GRAPH_DEFAULTS.topKSubstitutes}; all with --compat reference`,
  }),
  minTrips: option.integer({ min: 1, default: 2, description: 'trips that make a mission pattern reliable' }),
} as const;

type Flags = OptionValues<typeof options>;

const processed = option.path({
  default: 'data/processed',
  description: 'folder of the data pipeline',
  aliases: ['out'],
});

const describe = defineCommand({
  name: 'describe',
  section: 'data-pipeline-describe',
  summary: 'Prints counts, missing values, dates, top stores, prices, promotions and the graph of a folder',
  options: { processed },
  examples: [
    { command: 'pnpm retail-data-pipeline describe', does: 'what is in data/processed' },
    { command: 'pnpm retail-data-pipeline describe --json', does: 'the same for a program' },
  ],
  run: async ({ threads }, flags) => {
    const description = await describeProcessed(flags.processed, threads);
    return { data: description, text: descriptionText(description) };
  },
});

const exportGraph = defineCommand({
  name: 'export-graph',
  section: 'data-pipeline-export-graph',
  summary: 'Writes the product graph for Gephi, Cytoscape, yEd or networkx',
  options: {
    processed,
    format: option.choice(GRAPH_FORMATS, { default: 'gexf', description: 'file format' }),
    to: option.path({
      of: 'file',
      description: 'file to write',
      otherwise: 'product_graph.gexf or .graphml in the working directory',
    }),
  },
  examples: [
    { command: 'pnpm retail-data-pipeline export-graph', does: 'product_graph.gexf' },
    {
      command: 'pnpm retail-data-pipeline export-graph --format graphml --to graph.graphml',
      does: 'the same as GraphML',
    },
  ],
  run: async (_context, flags) => {
    const file = flags.to ?? `product_graph.${flags.format}`;
    const written = await exportProductGraph(flags.processed, flags.format, file);
    return { data: written, text: `${file}: ${written.nodes} nodes, ${written.edges} edges\n` };
  },
});

const command = defineCommand({
  name: 'retail-data-pipeline',
  summary: 'Turns raw transactions into prices, product graph, customer-store affinity and mission patterns',
  options,
  examples: [
    { command: 'pnpm retail-data-pipeline', does: 'all stages on raw_data/, into data/processed/' },
    { command: 'pnpm retail-data-pipeline --nrows 10000', does: 'a first look at the first 10,000 rows' },
    {
      command: 'pnpm retail-data-pipeline --stages 1,2 --min-copurchase-count 10',
      does: 'prices and a graph for a small sample',
    },
    {
      command: 'pnpm retail-data-pipeline --input lgsr/ --memory-limit 2GB',
      does: 'any amount of data in 2 GB',
    },
    { command: 'pnpm retail-data-pipeline describe', does: 'what is in data/processed' },
  ],
  subcommands: [describe, exportGraph],
  async run({ log, progress, signal, threads, seed, terminal }, flags) {
    const result = await runDataPipeline(pipelineOptions(flags, threads, seed), { log, progress, signal });
    return { data: result, text: reportText(result, terminal) };
  },
});

function pipelineOptions(flags: Flags, threads: number, seed: number): DataPipelineOptions {
  const compat = flags.compat === 'reference';
  const graph = compat ? GRAPH_REFERENCE : GRAPH_DEFAULTS;
  const text = compat ? 'none' : (flags.split ?? '80/10/10');
  return {
    input: flags.input ?? [flags.raw],
    calendar: flags.calendar,
    processed: flags.processed,
    nrows: flags.all ? undefined : flags.nrows,
    maxRejectRate: flags.maxRejectRate,
    stages: flags.stages
      .map((stage) => Number(stage))
      .filter((stage): stage is StageNumber => stage >= 1 && stage <= 4),
    compat,
    split: { text, rule: parseSplitRule(text) ?? { kind: 'none' } },
    fitThroughWeek: flags.fitThroughWeek,
    prices: {
      rollingWindow: flags.rollingWindow,
      discountThreshold: flags.discountThreshold,
      maxDiscountDepth: flags.maxDiscountDepth,
      minPrice: flags.minPrice,
      maxPrice: flags.maxPrice,
    },
    graph: {
      liftThreshold: flags.liftThreshold ?? graph.liftThreshold,
      minCopurchaseCount: flags.minCopurchaseCount ?? graph.minCopurchaseCount,
      topKComplements: flags.topKComplements ?? graph.topKComplements,
      substitutionMethod: flags.substitutionMethod ?? graph.substitutionMethod,
      jaccardThreshold: flags.jaccardThreshold ?? graph.jaccardThreshold,
      maxLiftForSubstitution: flags.maxLiftForSubstitution ?? graph.maxLiftForSubstitution,
      priceGapThreshold: flags.priceGapThreshold ?? graph.priceGapThreshold,
      minCustomers: flags.minCustomers ?? graph.minCustomers,
      topKSubstitutes: flags.topKSubstitutes ?? graph.topKSubstitutes,
      maxPValue: graph.maxPValue,
    },
    minTrips: flags.minTrips,
    seed,
    threads,
    memoryLimit: parseMemory(flags.memoryLimit) ?? 1e9,
    force: flags.force,
  };
}

await main(command, packageVersion(import.meta.url));
