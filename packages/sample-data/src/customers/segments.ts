/**
 * Segments of LGSR and what they mean here. seg_1 says how dear a customer buys; seg_2 is a stage of life that
 * shows in basket length and in departments.
 */
export interface PriceSegment {
  readonly code: string;
  readonly share: number;
  /** Taste for dear (+) or cheap (-) products of a class. */
  readonly tierTaste: number;
}

export const PRICE_SEGMENTS: readonly PriceSegment[] = [
  { code: 'CT', share: 0.377, tierTaste: 0 },
  { code: 'BG', share: 0.261, tierTaste: 1.3 },
  { code: 'AZ', share: 0.237, tierTaste: -1.3 },
  // Hardly any purchases are known of these.
  { code: 'DY', share: 0.125, tierTaste: 0 },
];

/** Position of the segment with hardly any data. */
export const PASSER_BY = 3;

export interface LifeStage {
  /** Empty where the real data have no value. */
  readonly code: string;
  readonly share: number;
  /** Shift of the logarithm of the basket length. */
  readonly basketShift: number;
  /** Factor of the number of visits. */
  readonly visits: number;
  /** Factor on the weight of each division D00001 to D00009. */
  readonly divisions: readonly number[];
}

export const LIFE_STAGES: readonly LifeStage[] = [
  { code: 'BU', share: 0.455, basketShift: 0.02, visits: 0.9, divisions: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
  {
    code: 'AT',
    share: 0.126,
    basketShift: -0.1,
    visits: 1.05,
    divisions: [1, 1.2, 0.9, 0.6, 0.9, 1, 1, 1.5, 1],
  },
  {
    code: 'DI',
    share: 0.111,
    basketShift: 0.15,
    visits: 1.25,
    divisions: [1.3, 1, 1, 1.5, 1, 1, 1, 0.8, 1.5],
  },
  { code: '', share: 0.104, basketShift: 0, visits: 1.05, divisions: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
  {
    code: 'CZ',
    share: 0.101,
    basketShift: -0.08,
    visits: 1.1,
    divisions: [1, 0.85, 1.2, 1, 1.1, 1, 1, 1, 1],
  },
  { code: 'FN', share: 0.069, basketShift: -0.1, visits: 1, divisions: [0.8, 1.2, 0.9, 0.8, 1, 1, 1, 1, 1] },
  { code: 'EQ', share: 0.033, basketShift: 0.05, visits: 1.25, divisions: [1.1, 1, 1, 1, 1.3, 1, 1, 1, 1] },
];
