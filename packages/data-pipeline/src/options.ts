import type { PriceParameters } from './price-derivation/parameters.js';
import type { GraphParameters } from './product-graph/parameters.js';
import type { SplitRule } from './split/decide-split.js';

/** The stages by their numbers on the command line. */
export const STAGES = [
  { number: 1, name: 'price-derivation' },
  { number: 2, name: 'product-graph' },
  { number: 3, name: 'customer-store-affinity' },
  { number: 4, name: 'mission-patterns' },
] as const;
export type StageNumber = (typeof STAGES)[number]['number'];
export type StepName = 'read' | (typeof STAGES)[number]['name'];

/** Everything a run depends on. */
export interface DataPipelineOptions {
  readonly input: readonly string[];
  readonly calendar: string | undefined;
  readonly processed: string;
  readonly nrows: number | undefined;
  readonly maxRejectRate: number;
  readonly stages: readonly StageNumber[];
  readonly compat: boolean;
  readonly split: { readonly rule: SplitRule; readonly text: string };
  /** YYYYWW */
  readonly fitThroughWeek: number | undefined;
  readonly prices: PriceParameters;
  readonly graph: GraphParameters;
  readonly minTrips: number;
  readonly seed: number;
  readonly threads: number;
  /** Bytes that the whole process may take, about. */
  readonly memoryLimit: number;
  /** Run every step, whatever is there. */
  readonly force: boolean;
}
