/** The visits of one known customer, in time order. All arrays `[visits]`. */
export interface CustomerVisits {
  readonly customer: number;
  readonly visits: number;
  /** week_idx and YYYYWW */
  readonly week: Int16Array;
  readonly shopWeek: Int32Array;
  readonly store: Uint32Array;
  readonly units: Float64Array;
  readonly spendPence: Float64Array;
  /** Codes of labels.parquet; -1 for a missing label. */
  readonly size: Int16Array;
  readonly sensitivity: Int16Array;
  readonly type: Int16Array;
  readonly focus: Int16Array;
}

/** A state to write out: what is known of the customer before `beforeWeek`, from the first `visits` visits. */
export interface StatePoint {
  readonly beforeWeek: number;
  readonly visits: number;
}

/**
 * Spec section 2 §4.1: a state for each week in which the customer shops and has shopped before, and one for the week
 * after the last of the data.
 */
export function statePoints({ visits, week }: CustomerVisits, lastWeek: number): StatePoint[] {
  const points: StatePoint[] = [];
  for (let visit = 1; visit < visits; visit += 1) {
    const beforeWeek = week[visit] ?? 0;
    if (beforeWeek !== week[visit - 1]) points.push({ beforeWeek, visits: visit });
  }
  points.push({ beforeWeek: lastWeek + 1, visits });
  return points;
}

/** Visits up to and including a week. */
export function visitsThrough({ visits, week }: CustomerVisits, lastWeek: number): number {
  let count = 0;
  while (count < visits && (week[count] ?? 0) <= lastWeek) count += 1;
  return count;
}
