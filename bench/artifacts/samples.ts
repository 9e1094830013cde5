// A tensor file as training reads one: basket samples with codes, contexts and ragged item lists.
import { type BatchOf, column, defineTable } from '@retail-sim/artifacts';

export const samples = defineTable({
  name: 'samples',
  file: 'samples.arrow',
  madeBy: 'pnpm bench artifacts/tensor-access',
  version: 1,
  description: 'One basket.',
  columns: {
    basket: column.integer({ description: 'Basket' }),
    customer: column.uint32({ description: 'Customer' }),
    store: column.uint16({ description: 'Store' }),
    week: column.uint16({ description: 'Week' }),
    temporal: column.fixedSizeList('float32', 64, { description: 'T3' }),
    trip: column.fixedSizeList('float32', 48, { description: 'T6' }),
    items: column.list('uint16', { description: 'Products' }),
    quantities: column.list('uint8', { description: 'Quantities' }),
    prices: column.list('float32', { description: 'Prices' }),
  },
});

const ITEMS = 6;

export function* makeSamples(rows: number): Generator<BatchOf<typeof samples>> {
  const size = 16_384;
  for (let first = 0; first < rows; first += size) {
    const count = Math.min(size, rows - first);
    const offsets = Int32Array.from({ length: count + 1 }, (_, row) => row * ITEMS);
    yield {
      rows: count,
      columns: {
        basket: Float64Array.from({ length: count }, (_, row) => 994_100_000_000_000 + first + row),
        customer: Uint32Array.from({ length: count }, (_, row) => (first + row) % 5000),
        store: Uint16Array.from({ length: count }, (_, row) => (first + row) % 760),
        week: Uint16Array.from({ length: count }, (_, row) => (first + row) % 117),
        temporal: new Float32Array(count * 64).fill(first),
        trip: new Float32Array(count * 48).fill(first),
        items: { offsets, values: new Uint16Array(count * ITEMS).fill(first) },
        quantities: { offsets, values: new Uint8Array(count * ITEMS).fill(1) },
        prices: { offsets, values: new Float32Array(count * ITEMS).fill(first) },
      },
    };
  }
}
