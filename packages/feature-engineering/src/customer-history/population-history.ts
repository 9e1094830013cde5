import { CUSTOMER_HISTORY_SIZE } from '../schemas/customer-states.js';

/** A segment with fewer customers is too small to speak for: all customers stand in. */
export const FEWEST_SEGMENT_CUSTOMERS = 20;

export interface PopulationHistory {
  /** Adds the history of a customer of the fit window. */
  add(segment: string | undefined, history: Float64Array): void;
  /** Mean history of the segment, or of everybody; zeros without anybody. Shape `[128]`. */
  of(segment: string | undefined): Float64Array;
}

interface Group {
  customers: number;
  readonly sum: Float64Array;
}

/** Mean histories of customers by segment: what a customer with few trips is blended with (CH-5). */
export function populationHistory(): PopulationHistory {
  const sums = new Map<string, Group>();
  const everybody: Group = { customers: 0, sum: new Float64Array(CUSTOMER_HISTORY_SIZE) };
  const means = new Map<string | undefined, Float64Array>();

  return {
    add(segment, history) {
      const groups = [everybody];
      if (segment !== undefined) {
        const known = sums.get(segment) ?? { customers: 0, sum: new Float64Array(CUSTOMER_HISTORY_SIZE) };
        sums.set(segment, known);
        groups.push(known);
      }
      for (const group of groups) {
        group.customers++;
        for (let k = 0; k < CUSTOMER_HISTORY_SIZE; k++) {
          group.sum[k] = (group.sum[k] ?? 0) + (history[k] ?? 0);
        }
      }
    },
    of(segment) {
      const before = means.get(segment);
      if (before !== undefined) return before;
      const own = segment === undefined ? undefined : sums.get(segment);
      const group = own !== undefined && own.customers >= FEWEST_SEGMENT_CUSTOMERS ? own : everybody;
      const mean = group.sum.map((value) => value / Math.max(group.customers, 1));
      means.set(segment, mean);
      return mean;
    },
  };
}
