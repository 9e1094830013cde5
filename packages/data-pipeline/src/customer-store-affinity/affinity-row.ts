import { type Affinity, shrunkLoyalty } from './affinity-state.js';

/** The columns of customer_store_affinity behind the customer, in the order of the schema. */
export function affinityRow(affinity: Affinity, populationLoyalty: number): number[] {
  return [
    affinity.primaryStore,
    affinity.loyaltyScore,
    shrunkLoyalty(affinity.loyaltyScore, affinity.trips, populationLoyalty),
    affinity.switchingRate,
    affinity.switchWeeksObserved,
    affinity.regionDiversity,
    affinity.totalStoresVisited,
    affinity.visitConcentration,
    affinity.primaryStoreShare,
    affinity.tenureWeeks,
    affinity.activeWeeks,
    affinity.lastWeekIdx,
    affinity.trips,
    affinity.totalSpend,
  ];
}
