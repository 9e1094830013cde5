import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';
import type { SplitName } from './splits.js';

const label = (classes: string) => column.uint8({ description: `1-based class of ${classes}; 0: unknown` });

/** Spec section 4, 8.3, layout `indexed`: integers that point into the entity tables; the loader gathers T1-T6. */
function samples(split: SplitName) {
  return defineTable({
    name: `${split} tensors`,
    file: `${split}_tensors.arrow`,
    madeBy: MADE_BY,
    version: 1,
    description: `One basket of the ${split} split, in the order (date, hour, basket id).`,
    columns: {
      basket_row: column.uint32({ description: 'Number of the basket over train, val and test, from 0' }),
      basket_id: column.integer({ description: 'Number of the basket, as the till writes it' }),
      customer_row: column.uint32({ description: 'Row of entities/customers.arrow; 0: anonymous' }),
      state_row: column.uint32({
        description: 'Row of entities/customer_states.arrow: what was known before the week; 0: no history',
      }),
      timeline_pos: column.uint32({
        description: 'Earlier baskets of the customer: its place in entities/customer_timelines.arrow',
      }),
      store_row: column.uint16({ description: 'Row of entities/stores.arrow; 0: unknown' }),
      week: column.uint16({ description: 'Position of the week in the calendar, from 1', unit: 'weeks' }),
      date: column.date({ description: 'Day of the visit', unit: 'days since 1970-01-01' }),
      iso_weekday: column.uint8({ description: '1 Monday to 7 Sunday' }),
      hour: column.uint8({ description: 'Hour of the visit', unit: 'hours' }),
      recency_days: column.int16({
        description: 'Days since the previous basket of the customer, at most 32,767; -1: none',
        unit: 'days',
      }),
      label_type: label('Top Up, Full Shop, Small Shop, Emergency'),
      label_focus: label('Fresh, Grocery, Mixed, Nonfood, General'),
      label_sensitivity: label('LA, MM, UM'),
      label_size: label('S, M, L'),
      tokens: column.list('uint16', { description: 'Products, ascending, without EOS, not cut' }),
      price_rows: column.list('uint32', {
        description: 'Row of entities/prices.arrow of each product; 0: no price',
      }),
      quantities: column.list('uint16', {
        description: 'Units of each product, at most 65,535',
        unit: 'units',
      }),
      n_dropped: column.uint16({ description: 'Products that are not in the vocabulary' }),
      total_spend: column.float32({ description: 'Paid for the basket', unit: 'GBP' }),
      flags: column.uint16({
        description:
          'Bits: 1 anonymous, 2 cold start, 4 product unseen in train, 8 one item, 16 more than 49 items, 32 cut by a row limit, 64 an item with spend 0',
      }),
    },
  });
}

export const trainTensors = samples('train');
export const valTensors = samples('val');
export const testTensors = samples('test');

/** Spec section 4, 6.6: two trips of one customer, one after the other. */
function pairs(split: SplitName) {
  return defineTable({
    name: `${split} pairs`,
    file: `${split}_pairs.arrow`,
    madeBy: MADE_BY,
    version: 1,
    description: `One pair of consecutive baskets of a customer whose second basket is in the ${split} split.`,
    columns: {
      input_row: column.uint32({ description: 'basket_row of the earlier basket, of any split' }),
      target_row: column.uint32({ description: 'basket_row of the later basket' }),
      week_gap: column.uint16({ description: 'Calendar weeks between them, 0 to 12', unit: 'weeks' }),
      day_gap: column.uint16({ description: 'Days between them', unit: 'days' }),
      n_history: column.uint32({ description: 'Baskets of the customer before the input' }),
      flags: column.uint16({ description: 'Flags of the target basket' }),
    },
  });
}

export const trainPairs = pairs('train');
export const valPairs = pairs('val');
export const testPairs = pairs('test');

/** The sample table of each split. */
export const sampleTables = { train: trainTensors, val: valTensors, test: testTensors } as const;
/** The pair table of each split. */
export const pairTables = { train: trainPairs, val: valPairs, test: testPairs } as const;
