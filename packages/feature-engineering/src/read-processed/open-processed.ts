// The data pipeline's folder, checked, and the cut-off that it has decided.

import { type Manifest, type TableDefinition, type Upstream, verifyUpstream } from '@retail-sim/artifacts';
import {
  baskets,
  calendar,
  checkRowLimit,
  customerMissionPatterns,
  customerMissionPatternsWeekly,
  customerStoreAffinity,
  customerStoreAffinityWeekly,
  customers,
  labels,
  priceFallbacksP,
  pricesDerived,
  productGraphEdges,
  productGraphNodes,
  products,
  readSplit,
  SPLIT_FILE,
  type Split,
  stores,
  transactions,
} from '@retail-sim/data-pipeline/schemas';

export const PIPELINE_COMMAND = 'retail-data-pipeline';

/** What every layer may need. */
const TABLES: readonly TableDefinition[] = [
  baskets,
  transactions,
  products,
  stores,
  customers,
  labels,
  calendar,
  priceFallbacksP,
  pricesDerived,
  productGraphNodes,
  productGraphEdges,
  customerStoreAffinity,
  customerMissionPatterns,
];
/** As-of states; the reference has none. */
const WEEKLY_TABLES: readonly TableDefinition[] = [
  customerStoreAffinityWeekly,
  customerMissionPatternsWeekly,
];

export interface ProcessedChoice {
  readonly processed: string;
  readonly mode: Manifest['mode'];
  /** What the user asked for; left out, the pipeline's choice is taken over. */
  readonly split: string | undefined;
  readonly fitThroughWeek: number | undefined;
  readonly nrows: number | undefined;
}

export interface Processed {
  readonly pipeline: Upstream;
  readonly split: Split;
}

/**
 * Opens the folder of the data pipeline.
 *
 * @throws InputError when it has not run, is out of date, or was run in another mode, split, cut-off or row limit
 */
export async function openProcessed(choice: ProcessedChoice): Promise<Processed> {
  const { processed, mode, split, fitThroughWeek, nrows } = choice;
  const pipeline = await verifyUpstream(processed, {
    command: PIPELINE_COMMAND,
    tables: mode === 'corrected' ? [...TABLES, ...WEEKLY_TABLES] : TABLES,
    files: [SPLIT_FILE],
    mode,
    ...(split === undefined ? {} : { split }),
    ...(fitThroughWeek === undefined ? {} : { fitThroughWeek }),
  });
  checkRowLimit(pipeline, nrows, (rows) => `${PIPELINE_COMMAND} --nrows ${rows} again`);
  return { pipeline, split: await readSplit(processed) };
}
