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
  const [, shrunkFull = 0, shrunkSmall = 0, shrunkTop = 0] = shrunkShares(state.types, population.types);
  const [nEmergency = 0, nFull = 0, nSmall = 0, nTop = 0] = state.types;
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
    ...shrunkShares(state.focuses, population.focuses),
    nFull,
    nSmall,
    nTop,
    nEmergency,
    ...state.focuses.subarray(0, FOCUSES.length),
    ...state.sensitivities.subarray(0, SENSITIVITIES.length),
    ...state.sizes.subarray(0, 3),
  ];
}
