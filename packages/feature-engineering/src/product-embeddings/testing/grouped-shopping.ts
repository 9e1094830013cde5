import { keyedStream } from '@retail-sim/random';
import { createBasketCounter } from '../joint-baskets.js';
import type { EmbeddingProduct, ProductEmbeddingsInput } from '../read-embedding-input.js';

/** Products at the end that have no partner. */
export const UNLINKED = 3;

export interface GroupedShopping {
  readonly groups?: number;
  readonly productsPerGroup?: number;
  readonly baskets?: number;
  readonly seed?: number;
}

/**
 * A seeded world in which every basket is bought from one group of products. Three more products come last: one that is
 * always bought alone, and two that nobody buys, in a category of the others and in one of its own. Groups cut across
 * categories. For tests.
 */
export function groupedShopping(options: GroupedShopping = {}): ProductEmbeddingsInput {
  const { groups = 8, productsPerGroup = 10, baskets = 2400, seed = 1 } = options;
  const stream = keyedStream(seed, 'grouped-shopping');
  const sold = groups * productsPerGroup;
  const counter = createBasketCounter(sold + UNLINKED);
  for (let basket = 0; basket < baskets; basket += 1) {
    const group = stream.below(groups);
    const chosen = new Set<number>();
    for (let item = 0; item < 4; item += 1) {
      const isStray = stream.uniform() < 0.1;
      chosen.add(isStray ? stream.below(sold) : group * productsPerGroup + stream.below(productsPerGroup));
    }
    counter.add(Uint32Array.from(chosen), chosen.size);
  }
  for (let time = 0; time < 3; time += 1) counter.add(Uint32Array.of(sold), 1);
  const product = (place: number, category: string): EmbeddingProduct => ({
    productId: `P${String(place).padStart(4, '0')}`,
    categories: { sub_commodity: category, commodity: 'DEP1', sub_department: 'G1', department: 'D1' },
    pseudoBrand: undefined,
    priceTier: undefined,
    price: 1 + (place % 7),
  });
  const products = Array.from({ length: sold }, (_, place) => product(place, `CL${place % 5}`));
  products.push(product(sold, 'CL0'), product(sold + 1, 'CL0'), product(sold + 2, 'CL of nobody else'));
  return {
    products,
    jointBaskets: counter.finish(),
    substitutes: {
      from: Uint32Array.of(0, 1),
      to: Uint32Array.of(5, 6),
      weight: Float64Array.of(0.2, 0.1),
    },
  };
}
