import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { labels } from '@retail-sim/data-pipeline/schemas';

/** The attributes of a basket and the labels that count as known, in the order that this package uses. */
export const BASKET_LABELS = {
  basket_type: ['Top Up', 'Full Shop', 'Small Shop'],
  basket_dominant_mission: ['Fresh', 'Grocery', 'Mixed', 'Nonfood'],
  basket_price_sensitivity: ['LA', 'MM', 'UM'],
  basket_size: ['S', 'M', 'L'],
} as const;
export type BasketAttribute = keyof typeof BASKET_LABELS;
export const BASKET_ATTRIBUTES: readonly BasketAttribute[] = [
  'basket_type',
  'basket_dominant_mission',
  'basket_price_sensitivity',
  'basket_size',
];

/** Position of each code of an attribute in {@link BASKET_LABELS}; -1 for every other label, such as XX. */
export type LabelPositions = Readonly<Record<BasketAttribute, Int8Array>>;

export async function readLabelPositions(pipeline: Upstream): Promise<LabelPositions> {
  const { columns, rows } = await readWholeTable(pipeline.path(labels), labels);
  const positions = (attribute: BasketAttribute): Int8Array => {
    const known: readonly string[] = BASKET_LABELS[attribute];
    const found = new Int8Array(256).fill(-1);
    for (let row = 0; row < rows; row++) {
      if (columns.attribute[row] !== attribute) continue;
      found[columns.code[row] ?? 0] = known.indexOf(columns.label[row] ?? '');
    }
    return found;
  };
  return {
    basket_type: positions('basket_type'),
    basket_dominant_mission: positions('basket_dominant_mission'),
    basket_price_sensitivity: positions('basket_price_sensitivity'),
    basket_size: positions('basket_size'),
  };
}
