// What is known of each customer's trips while the baskets go by in time order (event as-of), and the pairs of trips that
// follow each other (spec section 4, 6.2 and 6.6).

/** A pair is left out when its target has fewer products, or when more calendar weeks lie between the trips. */
export const FEWEST_TARGET_ITEMS = 2;
export const LARGEST_WEEK_GAP = 12;

export interface Trip {
  readonly basketRow: number;
  readonly week: number;
  readonly date: number;
  readonly items: number;
  /** Cut by a row limit: no target of a pair. */
  readonly isTruncated: boolean;
}

export interface TripPair {
  readonly inputRow: number;
  readonly weekGap: number;
  readonly dayGap: number;
  /** Trips before the input. */
  readonly history: number;
}

export interface PairCounts {
  /** Trips that follow another of the same customer. */
  consecutive: number;
  droppedTarget: number;
  droppedGap: number;
  kept: number;
}

export interface CustomerTrips {
  /** Trips of a customer so far. */
  trips(customerRow: number): number;
  /** Day of the customer's last trip; `undefined` before the first. */
  lastDate(customerRow: number): number | undefined;
  /** Takes in the next trip; returns its pair with the one before, where there is one that counts. */
  add(customerRow: number, trip: Trip): TripPair | undefined;
  readonly pairs: Readonly<PairCounts>;
  readonly firstWeek: Uint16Array;
  readonly lastWeek: Uint16Array;
  readonly counts: Uint32Array;
}

/** Trips of customer rows 1..customers. */
export function customerTrips(customers: number): CustomerTrips {
  const counts = new Uint32Array(customers + 1);
  const firstWeek = new Uint16Array(customers + 1);
  const lastWeek = new Uint16Array(customers + 1);
  const lastDate = new Int32Array(customers + 1);
  const lastRow = new Uint32Array(customers + 1);
  const lastItems = new Uint16Array(customers + 1);
  const pairs: PairCounts = { consecutive: 0, droppedTarget: 0, droppedGap: 0, kept: 0 };

  function pairWith(customerRow: number, trip: Trip): TripPair | undefined {
    const before = counts[customerRow] ?? 0;
    if (before === 0) return undefined;
    pairs.consecutive++;
    if (trip.items < FEWEST_TARGET_ITEMS || trip.isTruncated || lastItems[customerRow] === 0) {
      pairs.droppedTarget++;
      return undefined;
    }
    const weekGap = trip.week - (lastWeek[customerRow] ?? 0);
    if (weekGap > LARGEST_WEEK_GAP) {
      pairs.droppedGap++;
      return undefined;
    }
    pairs.kept++;
    return {
      inputRow: lastRow[customerRow] ?? 0,
      weekGap,
      dayGap: trip.date - (lastDate[customerRow] ?? 0),
      history: before - 1,
    };
  }

  return {
    trips: (customerRow) => counts[customerRow] ?? 0,
    lastDate: (customerRow) => ((counts[customerRow] ?? 0) === 0 ? undefined : lastDate[customerRow]),
    add(customerRow, trip) {
      const pair = pairWith(customerRow, trip);
      if (counts[customerRow] === 0) firstWeek[customerRow] = trip.week;
      counts[customerRow] = (counts[customerRow] ?? 0) + 1;
      lastWeek[customerRow] = trip.week;
      lastDate[customerRow] = trip.date;
      lastRow[customerRow] = trip.basketRow;
      lastItems[customerRow] = Math.min(trip.items, 65535);
      return pair;
    },
    pairs,
    firstWeek,
    lastWeek,
    counts,
  };
}
