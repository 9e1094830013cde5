// `retail-build-tensors inspect BASKET_ID`: one sample as the model sees it, each block decoded from its numbers.

import { InputError } from '@retail-sim/errors';
import { BASKET_FLAGS } from '../batch.js';
import { dayText } from '../calendar/day.js';
import { DENSE_OFFSETS } from '../dimensions.js';
import {
  BASKET_SIZES,
  MISSION_FOCUSES,
  MISSION_TYPES,
  PRICE_SENSITIVITIES,
} from '../encoders/trip-context.js';
import { assembleBatch } from '../loader/assemble-batch.js';
import { earlierBaskets } from '../loader/history-tokens.js';
import type { OpenTensors } from '../loader/open-tensors.js';
import { SPLITS, type SplitName } from '../schemas/splits.js';
import {
  type DecodedCustomer,
  type DecodedField,
  type DecodedPrice,
  type DecodedStore,
  type DecodedTime,
  decodeCustomer,
  decodePrice,
  decodeStore,
  decodeTime,
  decodeTrip,
} from './decode-blocks.js';

export interface InspectedBasket {
  readonly basketId: number;
  readonly basketRow: number;
  readonly split: SplitName;
  readonly date: string;
  readonly customer: string | undefined;
  readonly store: string;
  readonly earlierBaskets: number;
  readonly flags: readonly string[];
  readonly t1: DecodedCustomer;
  readonly t3: DecodedTime;
  readonly t5: DecodedStore;
  readonly t6: readonly DecodedField[];
  readonly items: readonly InspectedItem[];
  readonly labels: {
    readonly type: string;
    readonly focus: string;
    readonly sensitivity: string;
    readonly size: string;
  };
  /** Dates of the newest earlier baskets, oldest first. */
  readonly history: readonly string[];
}

export interface InspectedItem {
  readonly product: string;
  /** Length of the embedding: 1, or 0 where nothing is known of the product. */
  readonly embeddingNorm: number;
  readonly price: DecodedPrice | undefined;
}

const HISTORY_SHOWN = 5;

/**
 * Looks a basket up by its id.
 *
 * @throws InputError when no split has it
 */
export function inspectBasket(tensors: OpenTensors, basketId: number): InspectedBasket {
  const { tables, manifest } = tensors;
  const { samples } = tables;
  const basketRow = findBasket(tensors, basketId);
  const batch = assembleBatch(tables, Uint32Array.of(basketRow), {
    seed: 0,
    epoch: 0,
    index: 0,
    maskProbability: 0,
    history: 0,
    repeats: false,
    padToMultiple: 1,
  });
  const productIds = tensors.productIds();
  const dense = (from: number, size: number) => batch.denseContext.subarray(from, from + size);
  const customerRow = samples.customerRow(basketRow);
  const stateRow = samples.stateRow(basketRow);
  const flags = samples.flags(basketRow);
  const items = Array.from({ length: (batch.lengths[0] ?? 1) - 1 }, (_, position) => ({
    product: productIds[(batch.productIds[position] ?? 0) - 1] ?? 'unknown',
    embeddingNorm: Math.hypot(...batch.productEmbeddings.subarray(position * 256, position * 256 + 256)),
    price: decodePrice(batch.priceFeatures.subarray(position * 64, position * 64 + 64)),
  }));
  const label = (classes: readonly string[], code: number) => classes[code - 1] ?? 'unknown';
  return {
    basketId,
    basketRow,
    split: SPLITS.findLast((name) => basketRow >= manifest.split.firstRow[name]) ?? 'train',
    date: dayText(samples.date(basketRow)),
    customer: customerRow === 0 ? undefined : tensors.customerIds()[customerRow],
    store: tensors.storeIds()[samples.storeRow(basketRow)] ?? 'unknown',
    earlierBaskets: samples.timelinePosition(basketRow),
    flags: Object.entries(BASKET_FLAGS).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name])),
    t1: decodeCustomer(dense(DENSE_OFFSETS.t1, 192), stateRow === 0 ? 0 : tables.states.trips(stateRow)),
    t3: decodeTime(dense(DENSE_OFFSETS.t3, 64)),
    t5: decodeStore(dense(DENSE_OFFSETS.t5, 96)),
    t6: decodeTrip(dense(DENSE_OFFSETS.t6, 48)),
    items: items.toSorted((a, b) => (a.product < b.product ? -1 : 1)),
    labels: {
      type: label(MISSION_TYPES, samples.labelType(basketRow)),
      focus: label(MISSION_FOCUSES, samples.labelFocus(basketRow)),
      sensitivity: label(PRICE_SENSITIVITIES, samples.labelSensitivity(basketRow)),
      size: label(BASKET_SIZES, samples.labelSize(basketRow)),
    },
    history: Array.from(earlierBaskets(tables, basketRow, HISTORY_SHOWN), (row) =>
      dayText(samples.date(row)),
    ),
  };
}

function findBasket({ tables, folder }: OpenTensors, basketId: number): number {
  const { samples } = tables;
  for (let row = 0; row < samples.rows; row++) if (samples.basketId(row) === basketId) return row;
  throw new InputError({
    what: `no basket has the id ${basketId}; the first is ${samples.basketId(0)}`,
    where: { file: folder },
    remedy: 'name a basket of the data that the tensors were built from',
  });
}

/** The sample as text for a terminal. */
export function inspectedText(basket: InspectedBasket): string {
  const number = (value: number, digits = 3) => value.toFixed(digits);
  const { t1, t3, t5 } = basket;
  const lines = [
    `basket ${basket.basketId} (row ${basket.basketRow}, ${basket.split}), ${t3.weekday} ${basket.date}, ${t3.hour} h`,
    `flags: ${basket.flags.join(', ') || 'none'}`,
    '',
    t1.isAnonymous
      ? 'T1 customer   anonymous: zeros'
      : `T1 customer   ${basket.customer}: segments ${t1.firstSegment}, ${t1.secondSegment}; ${basket.earlierBaskets} earlier baskets; history norm ${number(t1.historyNorm)}; loyalty ${number(t1.loyalty)}, switching ${number(t1.switching)}, regions ${number(t1.regions, 0)}`,
    `T3 time       calendar week ${t3.week} (fiscal ${t3.fiscalWeek}), ${t3.season}, ${t3.isHoliday ? 'holiday' : 'no holiday'}; ${t3.recencyDays === undefined ? 'first basket' : `${t3.recencyDays} days since the last basket`}`,
    `T5 store      ${basket.store}: format ${t5.format}, region ${t5.region}; size ${number(t5.size)}, traffic ${number(t5.traffic)}, spend ${number(t5.spend)}, age ${number(t5.age)}`,
    'T6 trip       expected before the trip:',
    ...basket.t6.map(
      ({ name, shares }) =>
        `                ${name.padEnd(12)} ${shares
          .filter(({ share }) => share > 0.005)
          .map(({ value, share }) => `${value} ${(100 * share).toFixed(0)} %`)
          .join(', ')}`,
    ),
    `T2, T4 items  ${basket.items.length}`,
    ...basket.items.map(({ product, embeddingNorm, price }) => {
      const cost =
        price === undefined
          ? 'no price'
          : `price ${number(price.actual, 2)}, base ${number(price.base, 2)}, category ${number(price.categoryAverage, 2)}, change ${number(100 * price.change, 1)} %`;
      return `                ${product}  ${cost}${embeddingNorm < 0.5 ? '; no embedding' : ''}`;
    }),
    '',
    `labels        type ${basket.labels.type}, focus ${basket.labels.focus}, sensitivity ${basket.labels.sensitivity}, size ${basket.labels.size}`,
    `history       ${basket.history.join(', ') || 'none'}`,
  ];
  return `${lines.join('\n')}\n`;
}
