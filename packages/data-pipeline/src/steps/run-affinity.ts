import { walkAffinity } from '../customer-walk/walk-customers.js';
import { createEnumFrom } from '../engine/enum-types.js';
import { openTableRows } from '../engine/table-rows.js';
import type { StepContext, StepResult } from '../run-data-pipeline.js';
import { customerStoreAffinity, customerStoreAffinityWeekly } from '../schemas/customer-store-affinity.js';
import { baskets } from '../schemas/transactions.js';
import { loadRegions, loadWeeks } from './ingest.js';

export const AFFINITY_TABLES = [customerStoreAffinity, customerStoreAffinityWeekly] as const;

/** Stage 3: reads the baskets, writes affinity over the fit window and as of every week. */
export async function runAffinity(context: StepContext): Promise<StepResult> {
  const { options, engine, stage, split, progress, partBytes } = context;
  const { connection, scratch } = engine;
  const reader = await engine.connect();
  try {
    const { regionOfStore } = await loadRegions(context);
    const { lastWeek } = await loadWeeks(context);
    const enums = {
      customer_id: await createEnumFrom(
        connection,
        'affinity_customer',
        'SELECT customer_id FROM customers ORDER BY code',
      ),
      primary_store: await createEnumFrom(
        connection,
        'affinity_store',
        'SELECT store_id FROM stores ORDER BY code',
      ),
    };
    const open = { connection, scratch, partBytes, enums };
    const whole = await openTableRows(customerStoreAffinity, open);
    const weekly = options.compat ? undefined : await openTableRows(customerStoreAffinityWeekly, open);
    const task = progress.task('stage 3, affinity', undefined, 'baskets');
    const { populationLoyalty } = await walkAffinity({
      connection: reader,
      baskets: context.path(baskets),
      fitThroughWeek: split.fitThroughWeek,
      lastWeek,
      compat: options.compat,
      context: { compat: options.compat, regionOfStore },
      whole,
      weekly,
      onVisits: task.advance,
    });
    let rows = 0;
    await stage.file(customerStoreAffinity.file, async (path) => (rows = await whole.write(path)), {
      table: customerStoreAffinity,
    });
    let states = 0;
    if (weekly !== undefined) {
      await stage.file(
        customerStoreAffinityWeekly.file,
        async (path) => (states = await weekly.write(path)),
        { table: customerStoreAffinityWeekly },
      );
    }
    task.done();
    return { rows, counts: { weeklyStates: states, populationLoyalty } };
  } finally {
    reader.closeSync();
  }
}
