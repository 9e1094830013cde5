// A small seeded world of raw lines, so that a test can change one of them and know what may follow from it.

import { keyedStream } from '@retail-sim/random';
import { type CalendarWeek, dateNumber, fiscalWeeks, type RawLine } from './run-stages.js';

export interface RawWorld {
  readonly lines: RawLine[];
  readonly calendar: CalendarWeek[];
}

export interface WorldSize {
  readonly products?: number;
  readonly stores?: number;
  readonly customers?: number;
  readonly weeks?: number;
  readonly baskets?: number;
  readonly seed?: number;
  /** Share of the (product, week) pairs that are on offer. */
  readonly promotions?: number;
  readonly anonymous?: number;
}

const FORMATS = ['LS', 'MS', 'SS', 'XLS'];
const REGIONS = ['E01', 'E02', 'N01', 'S01'];
const TYPES = ['Top Up', 'Full Shop', 'Small Shop', 'XX'];
const FOCUSES = ['Fresh', 'Grocery', 'Mixed', 'Nonfood', 'XX'];
const SENSITIVITIES = ['LA', 'MM', 'UM', 'XX'];

export const productId = (product: number): string => `PRD09${String(product).padStart(5, '0')}`;
export const storeId = (store: number): string => `STORE${String(store).padStart(5, '0')}`;
export const customerId = (customer: number): string => `CUST${String(customer).padStart(10, '0')}`;

export function rawWorld(size: WorldSize = {}): RawWorld {
  const { products = 60, stores = 8, customers = 24, weeks = 12, baskets = 900, seed = 1 } = size;
  const { promotions = 0.1, anonymous = 0.2 } = size;
  const stream = keyedStream(seed, 'raw-world');
  const calendar = fiscalWeeks(weeks + 4);
  const prices = Array.from({ length: products }, () => 20 + stream.below(900));
  const isOffered = new Set<number>();
  for (let pair = 0; pair < products * weeks; pair++) if (stream.uniform() < promotions) isOffered.add(pair);
  const pick = <T>(list: readonly T[], otherwise: T): T => list[stream.below(list.length)] ?? otherwise;
  const lines: RawLine[] = [];
  for (let basket = 0; basket < baskets; basket++) {
    const week = Math.floor((basket * weeks) / baskets);
    const entry = calendar[week];
    const weekday = 1 + stream.below(7);
    const customer = stream.uniform() < anonymous ? -1 : stream.below(customers);
    // Customers have a home store that they leave now and then.
    const store = stream.uniform() < 0.7 && customer >= 0 ? customer % stores : stream.below(stores);
    const chosen = new Set<number>();
    const wanted = 1 + Math.floor(stream.uniform() ** 2 * 10);
    const taste = Math.max(customer, 0) % 5;
    for (let item = 0; item < wanted; item++) {
      const anything = stream.below(products);
      chosen.add(
        stream.uniform() < 0.6 ? Math.min(products - 1, anything - (anything % 5) + taste) : anything,
      );
    }
    const items = [...chosen]
      .sort((a, b) => a - b)
      .map((product) => {
        const quantity = 1 + stream.below(3);
        const full = prices[product] ?? 100;
        const pence = isOffered.has(product * weeks + week) ? Math.max(1, Math.floor(0.7 * full)) : full;
        return { product, quantity, pence: quantity * pence };
      });
    const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
    const labels = {
      size: units >= 10 ? 'L' : units >= 3 ? 'M' : 'S',
      sensitivity: pick(SENSITIVITIES, 'XX'),
      type: pick(TYPES, 'XX'),
      focus: pick(FOCUSES, 'XX'),
    };
    const hour = 8 + stream.below(14);
    for (const { product, quantity, pence } of items) {
      const category = product % Math.max(1, Math.ceil(products / 12));
      lines.push({
        week: entry?.week ?? 0,
        date: dateNumber((entry?.from ?? 0) + ((weekday + 5) % 7)),
        weekday,
        hour,
        quantity,
        spend: (pence / 100).toFixed(2),
        product: productId(product),
        categories: [`CL${category}`, `DEP${category % 3}`, `G${category % 2}`, 'D1'],
        customer: customer < 0 ? '' : customerId(customer),
        segments: customer < 0 ? ['', ''] : [['CT', 'BG'][customer % 2] ?? '', 'DI'],
        basket: 990_000_000 + basket,
        ...labels,
        store: storeId(store),
        format: FORMATS[store % 4] ?? '',
        region: REGIONS[store % 4] ?? '',
      });
    }
  }
  return { lines, calendar };
}
