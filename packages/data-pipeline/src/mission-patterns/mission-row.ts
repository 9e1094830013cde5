import {
  FOCUSES,
  MISSION_TYPES,
  type MissionPattern,
  type MissionPopulation,
  type MissionState,
  SENSITIVITIES,
  shrunkShares,
  UNCLASSIFIED,
} from './mission-state.js';

/** Texts of the dictionary columns; rows hold positions in them. */
export const TYPE_TEXTS = [...MISSION_TYPES, UNCLASSIFIED] as const;
export const FOCUS_TEXTS = [...FOCUSES, UNCLASSIFIED] as const;
export const SENSITIVITY_TEXTS = [...SENSITIVITIES, UNCLASSIFIED] as const;

const position = (texts: readonly string[], text: string) => Math.max(0, texts.indexOf(text));

/** The columns of customer_mission_patterns behind the customer, in the order of the schema. */
export function missionRow(
  pattern: MissionPattern,
  state: MissionState,
  population: MissionPopulation,
  minTrips: number,
): number[] {
  const [emergency = 0, fullShop = 0, smallShop = 0, topUp = 0] = pattern.typeShares;
  const { types, focuses, sensitivities, sizes } = state;
  const [, shrunkFull = 0, shrunkSmall = 0, shrunkTop = 0] = shrunkShares(types, population.types);
  return [
    position(TYPE_TEXTS, pattern.dominantType),
    pattern.typeEntropy,
    fullShop,
    smallShop,
    topUp,
    emergency,
    pattern.typeUnknown,
    position(FOCUS_TEXTS, pattern.dominantFocus),
    pattern.focusEntropy,
    ...pattern.focusShares,
    pattern.focusUnknown,
    pattern.meanSensitivity,
    pattern.sensitivityImputed ? 1 : 0,
    pattern.sensitivityStd,
    position(SENSITIVITY_TEXTS, pattern.typicalSensitivity),
    pattern.sensitivityUnknown,
    pattern.meanSize,
    pattern.sizeVariance,
    Math.sqrt(pattern.sizeVariance),
    pattern.trips,
    pattern.itemsPerTrip,
    pattern.spendPerTrip,
    ...pattern.sizeShares,
    pattern.consistency,
    pattern.trips >= minTrips ? 1 : 0,
    shrunkFull,
    shrunkSmall,
    shrunkTop,
    ...shrunkShares(focuses, population.focuses),
    ...[types[1] ?? 0, types[2] ?? 0, types[3] ?? 0, types[0] ?? 0],
    ...[focuses[0] ?? 0, focuses[1] ?? 0, focuses[2] ?? 0, focuses[3] ?? 0],
    ...[sensitivities[0] ?? 0, sensitivities[1] ?? 0, sensitivities[2] ?? 0],
    ...[sizes[0] ?? 0, sizes[1] ?? 0, sizes[2] ?? 0],
  ];
}
