import { derivePrices } from '../price-derivation/derive-prices.js';
import type { StepContext, StepResult } from '../run-data-pipeline.js';
import { priceFallbacksP, priceFallbacksPrw, priceFallbacksPs, pricesDerived } from '../schemas/prices.js';
import { transactions } from '../schemas/transactions.js';
import { loadRegions, loadWeeks } from './ingest.js';

export const PRICE_TABLES = [pricesDerived, priceFallbacksPs, priceFallbacksPrw, priceFallbacksP] as const;

/** Stage 1: reads the lines, writes prices and the levels of the waterfall. */
export async function runPriceDerivation(context: StepContext): Promise<StepResult> {
  const { options, engine, stage, split, progress, partBytes } = context;
  const reader = await engine.connect();
  try {
    const { regionOfStore, regions } = await loadRegions(context);
    const { weekOfIndex, firstWeek } = await loadWeeks(context);
    const task = progress.task('stage 1, prices', undefined, 'lines');
    const { tables, summary } = await derivePrices({
      connection: engine.connection,
      reader,
      scratch: engine.scratch,
      partBytes,
      regions,
      lines: context.path(transactions),
      context: {
        parameters: options.prices,
        compat: options.compat,
        fitThroughWeek: split.fitThroughWeek,
        firstWeek,
        regionOfStore,
        weekOfIndex,
      },
      onLines: task.advance,
    });
    const { prices, ps, prw, p } = tables.parts;
    await stage.file(pricesDerived.file, prices.write, { table: pricesDerived });
    await stage.file(priceFallbacksPs.file, ps.write, { table: priceFallbacksPs });
    await stage.file(priceFallbacksPrw.file, prw.write, { table: priceFallbacksPrw });
    await stage.file(priceFallbacksP.file, p.write, { table: priceFallbacksP });
    task.done();
    const { invalid, ...counts } = summary;
    return { rows: summary.observed + summary.imputed, counts: { ...counts, ...invalid } };
  } finally {
    reader.closeSync();
  }
}
