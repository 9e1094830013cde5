/** A sample as far as the breakdown of an evaluation needs it (spec 5, 9.2). */
export interface SegmentFacts {
  /** Earlier baskets of the customer; 0 for anonymous baskets. */
  readonly earlierBaskets: number;
  readonly identified: boolean;
  /** Distinct products in the basket, the hidden ones included. */
  readonly items: number;
  readonly week: number;
  readonly isoWeekday: number;
  readonly hour: number;
  readonly storeSeenInTraining: boolean;
}

/** A hidden product as far as the breakdown needs it. */
export interface ProductFacts {
  /** 1 = least, 10 = most popular tenth of the products of the training split; 0 = novel. */
  readonly popularityDecile: number;
  readonly boughtBefore: boolean;
}

/** Names the segment that a sample or hidden product belongs to. */
export type Segment = (sample: SegmentFacts, product: ProductFacts) => string;

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const history: Segment = ({ earlierBaskets }) => {
  if (earlierBaskets === 0) return '0';
  if (earlierBaskets <= 4) return '1-4 (cold start)';
  return earlierBaskets <= 20 ? '5-20 (regular)' : '> 20 (loyal)';
};

const basketSize: Segment = ({ items }) => {
  if (items === 1) return '1 item';
  if (items <= 5) return '2-5 items';
  return items <= 15 ? '6-15 items' : '16+ items';
};

const hourBand: Segment = ({ hour }) => {
  if (hour <= 11) return '8-11';
  if (hour <= 15) return '12-15';
  return hour <= 19 ? '16-19' : '20-22';
};

/** Every breakdown by its name. A further one is a line here. */
export const segments = {
  history,
  'basket size': basketSize,
  week: ({ week }) => `week ${week}`,
  weekday: ({ isoWeekday }) => WEEKDAYS[isoWeekday - 1] ?? 'unknown',
  'hour band': hourBand,
  customer: ({ identified }) => (identified ? 'identified' : 'anonymous'),
  store: ({ storeSeenInTraining }) => (storeSeenInTraining ? 'seen in training' : 'unseen in training'),
  'product popularity': (_sample, { popularityDecile }) =>
    popularityDecile === 0 ? 'novel' : `decile ${popularityDecile}`,
  'product repeat': (_sample, { boughtBefore }) => (boughtBefore ? 'bought before' : 'new to the customer'),
} as const satisfies Record<string, Segment>;

export type SegmentName = keyof typeof segments;

/** Popularity tenth of each class from its training count, [classes]: 1 least to 10 most, 0 where never sold. */
export function popularityDeciles(single: Uint32Array): Uint8Array {
  const sold = Array.from(single.keys()).filter((product) => (single[product] ?? 0) > 0);
  sold.sort((left, right) => (single[left] ?? 0) - (single[right] ?? 0) || left - right);
  const deciles = new Uint8Array(single.length);
  for (const [position, product] of sold.entries()) {
    deciles[product] = 1 + Math.floor((10 * position) / sold.length);
  }
  return deciles;
}

/** Names of all breakdowns. */
export const segmentNames = Object.keys(segments) as [SegmentName, ...SegmentName[]];
