import { type BatchLabels, LABEL_CLASSES, type Samples } from '@retail-sim/tensor-preparation';

/** The four auxiliary heads: names, classes (0 = unknown), and where the label stands. */
export const AUXILIARY_TASKS = {
  basketSize: task('basketSize', 'basket size', ({ labelSize }) => labelSize, 12),
  priceSensitivity: task(
    'priceSensitivity',
    'price sensitivity',
    ({ labelSensitivity }) => labelSensitivity,
    9,
  ),
  missionType: task('missionType', 'mission type', ({ labelType }) => labelType, 0),
  missionFocus: task('missionFocus', 'mission focus', ({ labelFocus }) => labelFocus, 4),
} as const;

export type AuxiliaryTask = keyof typeof AUXILIARY_TASKS;

function task<Name extends keyof BatchLabels>(
  name: Name,
  title: string,
  label: (samples: Samples) => (row: number) => number,
  /** Where its shares start in the prior of a customer state, `[15]`. */
  priorOffset: number,
) {
  return { name, title, classes: LABEL_CLASSES[name], label, priorOffset } as const;
}
