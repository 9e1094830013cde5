/** 0.123 as `12.3 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A column of numbers. */
export const right = (title: string) => ({ title, align: 'right' as const });
