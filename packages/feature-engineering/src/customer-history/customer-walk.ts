import { InputError } from '@retail-sim/errors';
import type { HistoryEncoder } from './history-encoder.js';
import type { CustomerTrips } from './stream-customer-trips.js';

/** Follows rows of customers, ascending, through their trips. */
export function customerWalk(trips: AsyncGenerator<CustomerTrips>, encoder: HistoryEncoder) {
  let current: CustomerTrips | undefined;
  let counted = 0;
  return {
    /** Trips of a customer in weeks before `week`, which rises from call to call; the encoder stands at the customer. */
    async tripsBefore(customer: number, week: number): Promise<number> {
      while (current === undefined || current.customer < customer) {
        const next = await trips.next();
        if (next.done === true) break;
        current = next.value;
        counted = 0;
        if (current.customer === customer) encoder.begin(current);
      }
      if (current === undefined || current.customer !== customer) throw withoutTrips(customer);
      while (counted < current.trips && (current.weekIdx[counted] ?? 0) < week) counted++;
      if (counted === 0) throw withoutTrips(customer);
      return counted;
    },
  };
}

function withoutTrips(customer: number): InputError {
  return new InputError({
    what: `the data pipeline has a state of customer row ${customer}, but no earlier trip`,
    remedy: 'run retail-data-pipeline again, then this command',
  });
}
