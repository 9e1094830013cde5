import { describe, expect, it } from 'vitest';
import { differenceInterval, overallRows, segmentRows, toCsv } from './evaluation-report.js';

const model = { name: 'model', ranks: Float64Array.from([1, 2, 11, 1]) };
const baseline = { name: 'popularity', ranks: Float64Array.from([5, 6, 30, 2]) };
const customers = [1, 1, 2, 3];

describe('evaluation tables', () => {
  it('hold a row for each scorer', () => {
    const rows = overallRows([model, baseline], customers, 42);
    expect(rows.map(({ scorer, metrics }) => [scorer, metrics['hit@1'], metrics['hit@10']])).toEqual([
      ['model', 0.5, 0.75],
      ['popularity', 0, 0.75],
    ]);
  });

  it('split by segment in the order of its numbers, and add up to all', () => {
    const rows = segmentRows([model], customers, 'week', ['week 9', 'week 10', 'week 9', 'week 10'], 42);
    expect(rows.map(({ value, metrics }) => [value, metrics.count])).toEqual([
      ['week 9', 2],
      ['week 10', 2],
    ]);
  });

  it('give a difference whose interval holds zero for two equal scorers only', () => {
    expect(differenceInterval('mrr', model, model, customers, 1)).toEqual({ low: 0, high: 0 });
    expect(differenceInterval('mrr', model, baseline, customers, 1).low).toBeGreaterThan(0);
  });

  it('become CSV with quotes where a value needs them', () => {
    const rows = overallRows([{ name: 'a, "b"', ranks: model.ranks }], customers, 42);
    const [header, line] = toCsv(rows).split('\r\n');
    expect(header?.split(',')).toHaveLength(16);
    expect(line).toMatch(/^"a, ""b""",overall,all,4,0.5,/);
  });
});
