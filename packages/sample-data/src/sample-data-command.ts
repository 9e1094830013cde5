import { defineCommand, formatNumber, option } from '@retail-sim/cli';
import { compareCommand } from './compare/compare-command.js';
import { generateSample } from './generate-sample.js';
import { PROFILES } from './prices/weekly-prices.js';

/** Codes of products are 16-bit numbers, with room for special ones. */
const MOST_PRODUCTS = 60_000;

export const sampleDataCommand = defineCommand({
  name: 'retail-sample-data',
  summary: 'Makes transactions that look like LGSR, with known ground truth',
  options: {
    customers: option.integer({ min: 1, max: 10_000_000, default: 500, description: 'customers to draw' }),
    weeks: option.integer({
      min: 1,
      max: 520,
      default: 117,
      description: 'weeks of the calendar, from 200607 on',
    }),
    products: option.integer({ min: 10, max: MOST_PRODUCTS, default: 4997, description: 'products on sale' }),
    stores: option.integer({ min: 1, max: 50_000, default: 761, description: 'stores' }),
    profile: option.choice(PROFILES, {
      default: 'lgsr',
      description:
        'lgsr: prices never change, as in the real data; promo: promotions with planted elasticities',
    }),
    out: option.path({ default: 'raw_data', description: 'folder to write' }),
    gzip: option.flag({ description: 'write transactions_YYYYWW.csv.gz' }),
    segmentColumns: option.choice(['short', 'long'], {
      default: 'short',
      description: 'short: seg_1, seg_2; long: CUST_PRICE_SENSITIVITY, CUST_LIFESTAGE',
    }),
    force: option.flag({ description: 'write into a folder that holds other transactions' }),
  },
  subcommands: [compareCommand],
  examples: [
    { command: 'pnpm retail-sample-data', does: '500 customers, 117 weeks into raw_data/' },
    { command: 'pnpm retail-sample-data --customers 50 --weeks 8 --out /tmp/tiny', does: 'a tiny sample' },
    {
      command: 'pnpm retail-sample-data --profile promo --seed 7',
      does: 'prices that move, elasticities known',
    },
  ],
  run: async ({ progress, signal, threads, seed, log }, options) => {
    const { customers, weeks, products, stores, profile, out, gzip, segmentColumns, force } = options;
    log.detail(`drawing ${formatNumber(customers)} customers`);
    const task = progress.task('weeks', weeks, 'weeks');
    const summary = await generateSample(
      { seed, customers, weeks, products, stores, profile },
      { out, threads, gzip, segmentNames: segmentColumns, force, signal, task },
    );
    task.done();
    return {
      data: summary,
      text: `${formatNumber(summary.rows)} rows, ${formatNumber(summary.baskets)} baskets, ${summary.weeks} weeks in ${out}`,
    };
  },
});
