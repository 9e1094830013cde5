import type { CustomerVisits } from '../customer-walk/customer-visits.js';

/** Fixed vocabularies, alphabetical (MP-6); `Emergency` is reserved and absent from LGSR. */
export const MISSION_TYPES = ['Emergency', 'Full Shop', 'Small Shop', 'Top Up'] as const;
export const FOCUSES = ['Fresh', 'Grocery', 'Mixed', 'Nonfood'] as const;
export const SENSITIVITIES = ['LA', 'MM', 'UM'] as const;
export const SIZES = ['S', 'M', 'L'] as const;
/** How the data writes "unclassified": missing in `corrected`, a label of its own to the reference (MP-2). */
export const UNCLASSIFIED = 'XX';

/** 1 = price-driven: less affluent baskets hold the cheap end of each category (MP-1). */
const SENSITIVITY = [1, 0.5, 0] as const;
/** The reference has it the other way round. */
const REFERENCE_SENSITIVITY = [0, 0.5, 1] as const;
const SIZE = [0.33, 0.67, 1] as const;

/** Largest possible spreads, so that a customer's consistency depends on no other customer (MP-4). */
const MAX_SENSITIVITY_STD = Math.SQRT1_2;
const MAX_SIZE_VARIANCE = 0.67 ** 2 / 2;
/** Labels that LGSR has, for the largest possible entropy. */
const TYPE_LABELS = 3;

/** Sufficient statistics of one customer: counts a label, and sums. */
export interface MissionState {
  trips: number;
  units: number;
  spendPence: number;
  /** By the positions of the vocabularies; the last counter of each is "unknown". */
  readonly types: Uint32Array;
  readonly focuses: Uint32Array;
  readonly sensitivities: Uint32Array;
  readonly sizes: Uint32Array;
}

export function emptyMission(): MissionState {
  return {
    trips: 0,
    units: 0,
    spendPence: 0,
    types: new Uint32Array(MISSION_TYPES.length + 1),
    focuses: new Uint32Array(FOCUSES.length + 1),
    sensitivities: new Uint32Array(SENSITIVITIES.length + 1),
    sizes: new Uint32Array(SIZES.length + 1),
  };
}

/** Position in the vocabulary of each label code of the data; the last position for labels outside it. */
export interface LabelPositions {
  readonly types: Uint8Array;
  readonly focuses: Uint8Array;
  readonly sensitivities: Uint8Array;
  readonly sizes: Uint8Array;
}

export function labelPositions(labels: readonly string[], vocabulary: readonly string[]): Uint8Array {
  return Uint8Array.from(labels, (label) => {
    const position = vocabulary.indexOf(label);
    return position < 0 ? vocabulary.length : position;
  });
}

export function addTrip(
  state: MissionState,
  visits: CustomerVisits,
  visit: number,
  positions: LabelPositions,
): void {
  state.trips += 1;
  state.units += visits.units[visit] ?? 0;
  state.spendPence += visits.spendPence[visit] ?? 0;
  count(state.types, positions.types, visits.type[visit] ?? -1);
  count(state.focuses, positions.focuses, visits.focus[visit] ?? -1);
  count(state.sensitivities, positions.sensitivities, visits.sensitivity[visit] ?? -1);
  count(state.sizes, positions.sizes, visits.size[visit] ?? -1);
}

function count(counters: Uint32Array, positions: Uint8Array, label: number): void {
  const unknown = counters.length - 1;
  const position = label < 0 ? unknown : (positions[label] ?? unknown);
  counters[position] = (counters[position] ?? 0) + 1;
}

/** Shares of the population in the fit window, for what a customer does not say (MP-2, MP-3, MP-7). */
export interface MissionPopulation {
  readonly types: readonly number[];
  readonly focuses: readonly number[];
  readonly sizes: readonly number[];
  readonly meanSensitivity: number;
}

export function missionPopulation(total: MissionState, compat: boolean): MissionPopulation {
  return {
    types: sharesOf(
      total.types,
      MISSION_TYPES.map(() => 0),
    ),
    focuses: sharesOf(
      total.focuses,
      FOCUSES.map(() => 0),
    ),
    sizes: sharesOf(
      total.sizes,
      SIZES.map(() => 0),
    ),
    meanSensitivity: momentsOf(total.sensitivities, compat ? REFERENCE_SENSITIVITY : SENSITIVITY).mean,
  };
}

/** Stage 4's features of one customer (spec section 2 §4). */
export interface MissionPattern {
  readonly dominantType: string;
  readonly typeEntropy: number;
  /** By MISSION_TYPES. */
  readonly typeShares: readonly number[];
  readonly typeUnknown: number;
  readonly dominantFocus: string;
  readonly focusEntropy: number;
  readonly focusShares: readonly number[];
  readonly focusUnknown: number;
  readonly meanSensitivity: number;
  readonly sensitivityImputed: boolean;
  readonly sensitivityStd: number;
  readonly typicalSensitivity: string;
  readonly sensitivityUnknown: number;
  readonly meanSize: number;
  readonly sizeVariance: number;
  readonly sizeShares: readonly number[];
  readonly trips: number;
  readonly itemsPerTrip: number;
  readonly spendPerTrip: number;
  readonly consistency: number;
}

export function missionPattern(
  state: MissionState,
  population: MissionPopulation,
  compat: boolean,
): MissionPattern {
  const { trips } = state;
  const type = distribution(state.types, MISSION_TYPES, population.types, compat);
  const focus = distribution(state.focuses, FOCUSES, population.focuses, compat);
  const sensitivity = momentsOf(state.sensitivities, compat ? REFERENCE_SENSITIVITY : SENSITIVITY);
  const size = momentsOf(state.sizes, SIZE);
  const isImputed = Number.isNaN(sensitivity.mean) && !compat;
  const sizeShares = sharesOf(state.sizes, population.sizes);
  const spread =
    clip(type.entropy / Math.log(TYPE_LABELS)) +
    clip(focus.entropy / Math.log(FOCUSES.length)) +
    clip(Math.sqrt(sensitivity.variance) / MAX_SENSITIVITY_STD) +
    clip(size.variance / MAX_SIZE_VARIANCE);
  return {
    dominantType: type.dominant,
    typeEntropy: type.entropy,
    typeShares: type.shares,
    typeUnknown: type.unknown,
    dominantFocus: focus.dominant,
    focusEntropy: focus.entropy,
    focusShares: focus.shares,
    focusUnknown: focus.unknown,
    meanSensitivity: isImputed ? population.meanSensitivity : sensitivity.mean,
    sensitivityImputed: isImputed,
    sensitivityStd: Math.sqrt(sensitivity.variance),
    typicalSensitivity: typicalSensitivity(state.sensitivities, compat),
    sensitivityUnknown: (state.sensitivities[SENSITIVITIES.length] ?? 0) / trips,
    meanSize: Number.isNaN(size.mean) ? weightedMean(population.sizes, SIZE) : size.mean,
    sizeVariance: size.variance,
    sizeShares,
    trips,
    itemsPerTrip: state.units / trips,
    spendPerTrip: state.spendPence / 100 / trips,
    consistency: 1 - spread / 4,
  };
}

interface Distribution {
  readonly shares: readonly number[];
  readonly unknown: number;
  readonly entropy: number;
  readonly dominant: string;
}

/** Shares of the known labels; the reference counts the unclassified as one more label. */
function distribution(
  counts: Uint32Array,
  vocabulary: readonly string[],
  population: readonly number[],
  compat: boolean,
): Distribution {
  const unknownCount = counts[vocabulary.length] ?? 0;
  const total = knownTrips(counts) + unknownCount;
  const unknown = total === 0 ? 0 : unknownCount / total;
  if (compat) {
    const shares = [...counts].map((value) => value / total);
    const labels = [...vocabulary, UNCLASSIFIED];
    return {
      shares: shares.slice(0, -1),
      unknown,
      entropy: entropy(shares),
      dominant: labels[indexOfMax(shares)] ?? '',
    };
  }
  const shares = sharesOf(counts, population);
  return { shares, unknown, entropy: entropy(shares), dominant: vocabulary[indexOfMax(shares)] ?? '' };
}

/** Shares of all counters but the last ("unknown"); those of the population where nothing is known. */
function sharesOf(counts: Uint32Array, fallback: readonly number[]): number[] {
  const total = knownTrips(counts);
  if (total === 0) return [...fallback];
  const shares: number[] = [];
  for (let label = 0; label < counts.length - 1; label += 1) shares.push((counts[label] ?? 0) / total);
  return shares;
}

/** Sum of all counters but the last. Loops here and below: a state is summed up for every customer and week. */
function knownTrips(counts: Uint32Array): number {
  let total = 0;
  for (let label = 0; label < counts.length - 1; label += 1) total += counts[label] ?? 0;
  return total;
}

/** A count's share, pulled to the population with the weight of two trips (MP-7). */
export function shrunkShares(counts: Uint32Array, population: readonly number[]): number[] {
  const total = knownTrips(counts);
  const shares: number[] = [];
  for (let label = 0; label < counts.length - 1; label += 1)
    shares.push(((counts[label] ?? 0) + 2 * (population[label] ?? 0)) / (total + 2));
  return shares;
}

/** In nats, over what is above 0 (N11). */
export function entropy(shares: readonly number[]): number {
  let sum = 0;
  for (const share of shares) if (share > 0) sum -= share * Math.log(share);
  return Math.max(0, sum);
}

/** Mean (NaN for none) and sample variance (0 for fewer than two) of coded labels, from their counts. */
function momentsOf(
  counts: Uint32Array,
  codes: readonly number[],
): { readonly mean: number; readonly variance: number } {
  let n = 0;
  let sum = 0;
  for (let label = 0; label < codes.length; label += 1) {
    n += counts[label] ?? 0;
    sum += (codes[label] ?? 0) * (counts[label] ?? 0);
  }
  const mean = sum / n;
  if (n < 2) return { mean, variance: 0 };
  let squares = 0;
  for (let label = 0; label < codes.length; label += 1)
    squares += (counts[label] ?? 0) * ((codes[label] ?? 0) - mean) ** 2;
  return { mean, variance: squares / (n - 1) };
}

/** The most frequent label, ties to the smallest (N7); the reference lets the unclassified win. None: MM. */
function typicalSensitivity(counts: Uint32Array, compat: boolean): string {
  const labels: readonly string[] = compat ? [...SENSITIVITIES, UNCLASSIFIED] : SENSITIVITIES;
  const best = indexOfMax(counts, labels.length);
  return (counts[best] ?? 0) > 0 ? (labels[best] ?? 'MM') : 'MM';
}

function indexOfMax(values: ArrayLike<number>, length = values.length): number {
  let best = 0;
  for (let index = 1; index < length; index += 1)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  return best;
}

function weightedMean(weights: readonly number[], values: readonly number[]): number {
  return weights.reduce((sum, weight, position) => sum + weight * (values[position] ?? 0), 0);
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
