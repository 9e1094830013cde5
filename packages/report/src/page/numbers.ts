import { formatNumber } from '@retail-sim/cli';

/** How the report writes numbers; one place, so that tables agree with each other. */

export const count = (value: number): string => formatNumber(value);

export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : 'none';

export const percent = (share: number, digits = 1): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : 'none';

export const pounds = (value: number): string => `£${formatNumber(value, 2)}`;
