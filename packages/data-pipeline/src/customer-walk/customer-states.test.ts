import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addVisit, affinityOf, emptyAffinity } from '../customer-store-affinity/affinity-state.js';
import {
  addTrip,
  emptyMission,
  FOCUSES,
  labelPositions,
  MISSION_TYPES,
  missionPattern,
  missionPopulation,
  SENSITIVITIES,
  SIZES,
} from '../mission-patterns/mission-state.js';
import { type CustomerVisits, statePoints, visitsThrough } from './customer-visits.js';

interface Visit {
  readonly week: number;
  readonly store: number;
  readonly pence: number;
  /** 0: unclassified */
  readonly type: number;
  readonly focus: number;
  readonly sensitivity: number;
  readonly size: number;
}

const labels = (size: number) => fc.integer({ min: 0, max: size });
const visit = fc.record({
  week: fc.integer({ min: 1, max: 25 }),
  store: fc.integer({ min: 0, max: 5 }),
  pence: fc.integer({ min: 0, max: 5000 }),
  type: labels(3),
  focus: labels(4),
  sensitivity: labels(3),
  size: fc.integer({ min: 1, max: 3 }),
});
const history = fc.array(visit, { minLength: 1, maxLength: 30 });

function visitsOf(given: readonly Visit[]): CustomerVisits {
  const sorted = given.toSorted((a, b) => a.week - b.week);
  const label = (name: 'type' | 'focus' | 'sensitivity' | 'size') =>
    Int16Array.from(sorted, (each) => each[name] - 1);
  return {
    customer: 0,
    visits: sorted.length,
    week: Int16Array.from(sorted, ({ week }) => week),
    shopWeek: Int32Array.from(sorted, ({ week }) => 200600 + week),
    store: Uint32Array.from(sorted, ({ store }) => store),
    units: Float64Array.from(sorted, () => 3),
    spendPence: Float64Array.from(sorted, ({ pence }) => pence),
    size: label('size'),
    sensitivity: label('sensitivity'),
    type: label('type'),
    focus: label('focus'),
  };
}

const context = { compat: false, regionOfStore: Int32Array.of(0, 1, 1, 2, -1, 3) };

function affinity(given: readonly Visit[]) {
  const visits = visitsOf(given);
  const state = emptyAffinity();
  for (let each = 0; each < visits.visits; each += 1) addVisit(state, visits, each, context);
  return affinityOf(state, false);
}

const positions = {
  types: labelPositions(['Full Shop', 'Small Shop', 'Top Up'], MISSION_TYPES),
  focuses: labelPositions(FOCUSES, FOCUSES),
  sensitivities: labelPositions(SENSITIVITIES, SENSITIVITIES),
  sizes: labelPositions(SIZES, SIZES),
};

function mission(given: readonly Visit[]) {
  const visits = visitsOf(given);
  const state = emptyMission();
  for (let each = 0; each < visits.visits; each += 1) addTrip(state, visits, each, positions);
  return missionPattern(state, missionPopulation(state, false), false);
}

test('affinity keeps its bounds', () => {
  fc.assert(
    fc.property(history, (given) => {
      const found = affinity(given);
      const share = found.primaryStoreShare;
      expect(found.loyaltyScore).toBeLessThanOrEqual(1);
      expect(found.loyaltyScore).toBeGreaterThanOrEqual(1 / found.totalStoresVisited - 1e-12);
      expect(found.loyaltyScore === 1).toBe(found.totalStoresVisited === 1);
      expect(found.loyaltyScore).toBeGreaterThanOrEqual(share ** 2 - 1e-12);
      expect(found.loyaltyScore).toBeLessThanOrEqual(share + 1e-12);
      expect(found.visitConcentration).toBeGreaterThanOrEqual(share);
      if (found.totalStoresVisited <= 3) expect(found.visitConcentration).toBe(1);
      if (!Number.isNaN(found.regionDiversity)) {
        expect(found.regionDiversity).toBeLessThanOrEqual(found.totalStoresVisited);
      }
      expect(found.switchingRate).toBeGreaterThanOrEqual(0);
      expect(found.switchingRate).toBeLessThanOrEqual(1);
      if (found.totalStoresVisited === 1) expect(found.switchingRate).toBe(0);
      expect(found.tenureWeeks).toBeGreaterThanOrEqual(found.activeWeeks);
      expect(found.trips).toBe(given.length);
    }),
  );
});

test('half of the visits in each of two stores is a loyalty of a half', () => {
  const half = [0, 1].map((store) => ({
    week: 1,
    store,
    pence: 100,
    type: 1,
    focus: 1,
    sensitivity: 1,
    size: 1,
  }));
  expect(affinity(half).loyaltyScore).toBe(0.5);
});

test('a return after more than four weeks is no switch', () => {
  const at = (week: number, store: number) => ({
    week,
    store,
    pence: 100,
    type: 1,
    focus: 1,
    sensitivity: 1,
    size: 1,
  });
  expect(affinity([at(1, 0), at(5, 1)])).toMatchObject({ switchingRate: 1, switchWeeksObserved: 1 });
  expect(affinity([at(1, 0), at(6, 1)])).toMatchObject({ switchingRate: 0, switchWeeksObserved: 0 });
});

test('missions keep their bounds', () => {
  const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);
  fc.assert(
    fc.property(history, (given) => {
      const found = mission(given);
      if (given.some(({ type }) => type > 0)) expect(sum(found.typeShares)).toBeCloseTo(1, 9);
      if (given.some(({ focus }) => focus > 0)) expect(sum(found.focusShares)).toBeCloseTo(1, 9);
      expect(sum(found.sizeShares)).toBeCloseTo(1, 9);
      expect(found.typeEntropy).toBeLessThanOrEqual(Math.log(3) + 1e-12);
      expect(found.focusEntropy).toBeLessThanOrEqual(Math.log(4) + 1e-12);
      expect(found.meanSize).toBeGreaterThanOrEqual(0.33);
      expect(found.meanSize).toBeLessThanOrEqual(1);
      expect(found.consistency).toBeGreaterThanOrEqual(-1e-12);
      expect(found.consistency).toBeLessThanOrEqual(1);
      const same = mission(given.map((each) => ({ ...each, type: 1, focus: 2, sensitivity: 3, size: 1 })));
      expect(same).toMatchObject({ typeEntropy: 0, focusEntropy: 0, sensitivityStd: 0, consistency: 1 });
    }),
  );
});

test('LA for UM turns the sensitivity around', () => {
  fc.assert(
    fc.property(history, (given) => {
      fc.pre(given.some(({ sensitivity }) => sensitivity > 0));
      const turned = given.map((each) => ({
        ...each,
        sensitivity: each.sensitivity === 0 ? 0 : 4 - each.sensitivity,
      }));
      expect(mission(turned).meanSensitivity).toBeCloseTo(1 - mission(given).meanSensitivity, 9);
    }),
  );
});

test('a state before a week is the state of the visits before it', () => {
  fc.assert(
    fc.property(history, (given) => {
      const visits = visitsOf(given);
      const points = statePoints(visits, 25);
      expect(points.at(-1)).toEqual({ beforeWeek: 26, visits: given.length });
      for (const point of points) {
        expect(point.visits).toBe(given.filter(({ week }) => week < point.beforeWeek).length);
        expect(point.visits).toBe(visitsThrough(visits, point.beforeWeek - 1));
        expect(point.visits).toBeGreaterThan(0);
      }
      const shopped = new Set(given.map(({ week }) => week));
      expect(points.length).toBe(shopped.size);
    }),
  );
});
