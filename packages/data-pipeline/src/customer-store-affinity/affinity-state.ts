import type { CustomerVisits } from '../customer-walk/customer-visits.js';

/** Weeks that a store stays known: the reference counts active weeks, the corrected rule calendar weeks (CA-1). */
const SWITCHING_LOOKBACK_WEEKS = 4;
/** Stores that visit_concentration adds up. */
const CONCENTRATED_STORES = 3;

/** Stage 3's features of one customer (spec section 2 §3). */
export interface Affinity {
  readonly primaryStore: number;
  readonly loyaltyScore: number;
  readonly switchingRate: number;
  readonly switchWeeksObserved: number;
  /** NaN where no visited store has a region. */
  readonly regionDiversity: number;
  readonly totalStoresVisited: number;
  readonly visitConcentration: number;
  readonly primaryStoreShare: number;
  readonly tenureWeeks: number;
  readonly activeWeeks: number;
  readonly lastWeekIdx: number;
  readonly trips: number;
  readonly totalSpend: number;
}

interface StoreVisits {
  readonly store: number;
  visits: number;
  spendPence: number;
  lastWeek: number;
}

/**
 * What stage 3 has to remember of a customer between visits: everything it reports is a pure function of it. Visits
 * are added in time order, so a state before week W is the state after the last visit of an earlier week.
 */
export interface AffinityState {
  readonly stores: Map<number, StoreVisits>;
  readonly regions: Set<number>;
  visits: number;
  spendPence: number;
  firstWeek: number;
  firstShopWeek: number;
  lastWeek: number;
  lastShopWeek: number;
  activeWeeks: number;
  /** Weeks of the last visits with their stores, newest last; the newest may still grow. */
  readonly recent: { readonly week: number; readonly stores: Set<number> }[];
  /** Of closed weeks. */
  switches: number;
  switchWeeks: number;
}

export function emptyAffinity(): AffinityState {
  return {
    stores: new Map(),
    regions: new Set(),
    visits: 0,
    spendPence: 0,
    firstWeek: 0,
    firstShopWeek: 0,
    lastWeek: 0,
    lastShopWeek: 0,
    activeWeeks: 0,
    recent: [],
    switches: 0,
    switchWeeks: 0,
  };
}

export interface AffinityContext {
  readonly compat: boolean;
  /** Region code of each store, -1 where it has none. */
  readonly regionOfStore: Int32Array;
}

/** Adds one visit, not earlier than the last. */
export function addVisit(
  state: AffinityState,
  visits: CustomerVisits,
  visit: number,
  context: AffinityContext,
): void {
  const store = visits.store[visit] ?? 0;
  const week = visits.week[visit] ?? 0;
  const pence = visits.spendPence[visit] ?? 0;
  if (state.visits === 0) {
    state.firstWeek = week;
    state.firstShopWeek = visits.shopWeek[visit] ?? 0;
  }
  if (state.visits === 0 || week !== state.lastWeek) openWeek(state, week, context);
  state.recent.at(-1)?.stores.add(store);
  state.lastWeek = week;
  state.lastShopWeek = visits.shopWeek[visit] ?? 0;
  state.visits += 1;
  state.spendPence += pence;
  const region = context.regionOfStore[store] ?? -1;
  if (region >= 0) state.regions.add(region);
  const known = state.stores.get(store);
  if (known === undefined) state.stores.set(store, { store, visits: 1, spendPence: pence, lastWeek: week });
  else {
    known.visits += 1;
    known.spendPence += pence;
    known.lastWeek = week;
  }
}

function openWeek(state: AffinityState, week: number, context: AffinityContext): void {
  const closed = judgeLastWeek(state, context.compat);
  state.switches += closed.switched;
  state.switchWeeks += closed.observed;
  state.activeWeeks += 1;
  state.recent.push({ week, stores: new Set() });
  if (state.recent.length > SWITCHING_LOOKBACK_WEEKS + 1) state.recent.shift();
}

/** Whether the newest week counts for the switching rate, and whether it has a store that was not known. */
function judgeLastWeek(
  { recent }: AffinityState,
  compat: boolean,
): { readonly observed: 0 | 1; readonly switched: 0 | 1 } {
  const newest = recent.at(-1);
  if (newest === undefined) return { observed: 0, switched: 0 };
  const before = recent
    .slice(0, -1)
    .filter(({ week }) => compat || newest.week - week <= SWITCHING_LOOKBACK_WEEKS);
  if (before.length === 0) return { observed: 0, switched: 0 };
  for (const store of newest.stores) {
    if (!before.some(({ stores }) => stores.has(store))) return { observed: 1, switched: 1 };
  }
  return { observed: 1, switched: 0 };
}

/** The features as they stand after the visits so far. */
export function affinityOf(state: AffinityState, compat: boolean): Affinity {
  const { visits } = state;
  let hhi = 0;
  let primary: StoreVisits | undefined;
  const counts: number[] = [];
  for (const store of [...state.stores.values()].sort((a, b) => a.store - b.store)) {
    hhi += (store.visits / visits) ** 2;
    counts.push(store.visits);
    if (primary === undefined || isPreferred(store, primary, compat)) primary = store;
  }
  const largest = counts.sort((a, b) => b - a).slice(0, CONCENTRATED_STORES);
  const newest = judgeLastWeek(state, compat);
  const switches = state.switches + newest.switched;
  const switchWeeks = state.switchWeeks + newest.observed;
  return {
    primaryStore: primary?.store ?? 0,
    loyaltyScore: Math.min(1, hhi),
    switchingRate: switchWeeks === 0 ? 0 : switches / switchWeeks,
    switchWeeksObserved: switchWeeks,
    regionDiversity: state.regions.size === 0 && !compat ? Number.NaN : state.regions.size,
    totalStoresVisited: state.stores.size,
    visitConcentration: largest.reduce((sum, count) => sum + count, 0) / visits,
    primaryStoreShare: (primary?.visits ?? 0) / visits,
    // The reference subtracts YYYYWW as numbers (CA-2).
    tenureWeeks: (compat ? state.lastShopWeek - state.firstShopWeek : state.lastWeek - state.firstWeek) + 1,
    activeWeeks: state.activeWeeks,
    lastWeekIdx: state.lastWeek,
    trips: visits,
    totalSpend: state.spendPence / 100,
  };
}

/** More visits; then higher spend, later last visit (CA-3); the smaller code comes first and stays. */
function isPreferred(a: StoreVisits, b: StoreVisits, compat: boolean): boolean {
  if (a.visits !== b.visits) return a.visits > b.visits;
  if (compat) return false;
  if (a.spendPence !== b.spendPence) return a.spendPence > b.spendPence;
  return a.lastWeek > b.lastWeek;
}

/** Visits with which the population's loyalty weighs in (CA-4). */
const SHRINK_VISITS = 5;
/** Customers with fewer visits say little about the population's loyalty. */
export const POPULATION_MIN_VISITS = 5;

export function shrunkLoyalty(loyalty: number, visits: number, populationMean: number): number {
  return (visits * loyalty + SHRINK_VISITS * populationMean) / (visits + SHRINK_VISITS);
}
