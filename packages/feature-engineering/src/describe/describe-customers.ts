import { readTable, type Upstream } from '@retail-sim/artifacts';
import { formatNumber } from '@retail-sim/cli';
import { CUSTOMER_EMBEDDING_SIZE, customerStates } from '../schemas/index.js';
import { percent } from './figures.js';
import { normOf, type Spread, spread, spreadText } from './spread.js';

export interface CustomerDescription {
  readonly states: number;
  readonly customers: number;
  readonly meanTrips: number;
  readonly coldStarts: number;
  readonly norm: Spread;
}

export async function describeCustomers(features: Upstream): Promise<CustomerDescription> {
  const norms = spread();
  const seen = new Set<string>();
  let states = 0;
  let trips = 0;
  let cold = 0;
  for await (const { rows, columns } of readTable(features.path(customerStates), customerStates, {
    columns: ['customer_id', 'trips', 'embedding'],
  })) {
    states += rows;
    for (let row = 0; row < rows; row++) {
      seen.add(columns.customer_id.values[columns.customer_id.codes[row] ?? 0] ?? '');
      const count = columns.trips[row] ?? 0;
      trips += count;
      if (count < 5) cold++;
      norms.add(normOf(columns.embedding, row * CUSTOMER_EMBEDDING_SIZE, CUSTOMER_EMBEDDING_SIZE));
    }
  }
  const all = Math.max(states, 1);
  return {
    states,
    customers: seen.size,
    meanTrips: trips / all,
    coldStarts: cold / all,
    norm: norms.of(),
  };
}

export function customerText(customers: CustomerDescription): string {
  return [
    `layer 4: ${formatNumber(customers.states)} states of ${formatNumber(customers.customers)} customers, ${customers.meanTrips.toFixed(1)} earlier trips on average, ${percent(customers.coldStarts)} below five`,
    `norm of a customer vector ${spreadText(customers.norm)}`,
  ].join('\n');
}
