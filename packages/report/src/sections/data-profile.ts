import { join } from 'node:path';
import { areaY, barY, gridY, ruleX, ruleY, text, tickY } from '@observablehq/plot';
import { z } from 'zod';
import { draw, NARROW } from '../charts/draw.js';
import { dataTable } from '../page/data-table.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { count, fixed, percent, pounds } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import { numeric, type Tables } from '../tables.js';
import { BASKETS_BY_LINES, LGSR } from './lgsr-expectations.js';

const totalsShape = z.object({
  lines: numeric,
  baskets: numeric,
  anonymous: numeric,
  lines_per_basket: numeric,
  spend_per_basket: numeric,
  customers: numeric,
  stores: numeric,
  products: numeric,
  weeks: numeric,
  first_week: numeric,
  last_week: numeric,
});

const weekShape = z.object({ week_idx: numeric, baskets: numeric });
const linesShape = z.object({ lines: numeric, baskets: numeric });
const hourShape = z.object({ hour: numeric, baskets: numeric });

export interface DataProfileInput {
  readonly processed: string;
  /** Last weeks of train and of validation (week_idx); undefined without a split. */
  readonly splitEnds: { readonly train: number; readonly validation: number } | undefined;
  readonly rejects: number | undefined;
}

/** What the data are like, beside what the public LGSR extract is like. */
export async function dataProfileSection(tables: Tables, input: DataProfileInput): Promise<Section> {
  const baskets = join(input.processed, 'baskets.parquet');
  const [totals] = await tables.rows(
    totalsShape,
    `SELECT sum(lines)::BIGINT AS lines, count(*) AS baskets, avg((customer IS NULL)::INT) AS anonymous,
            avg(lines) AS lines_per_basket, avg(spend_pence) / 100 AS spend_per_basket,
            count(DISTINCT customer) AS customers, count(DISTINCT store) AS stores,
            (SELECT count(*) FROM read_parquet($products) WHERE lines > 0) AS products,
            count(DISTINCT week) AS weeks, min(week) AS first_week, max(week) AS last_week
     FROM read_parquet($baskets)`,
    { baskets, products: join(input.processed, 'products.parquet') },
  );
  if (totals === undefined || totals.baskets === 0) throw new Error(`${baskets} holds no baskets`);
  const weeks = await tables.rows(
    weekShape,
    `SELECT c.week_idx, count(b.week_idx) AS baskets
     FROM read_parquet($calendar) c LEFT JOIN read_parquet($baskets) b USING (week_idx)
     GROUP BY c.week_idx ORDER BY c.week_idx`,
    { baskets, calendar: join(input.processed, 'calendar.parquet') },
  );
  const lines = await tables.rows(
    linesShape,
    'SELECT least(lines, 31) AS lines, count(*) AS baskets FROM read_parquet($baskets) GROUP BY 1 ORDER BY 1',
    { baskets },
  );
  const hours = await tables.rows(
    hourShape,
    'SELECT shop_hour AS hour, count(*) AS baskets FROM read_parquet($baskets) GROUP BY 1 ORDER BY 1',
    { baskets },
  );
  const facts = [
    ['lines', count(totals.lines), count(LGSR.lines)],
    ['baskets', count(totals.baskets), count(LGSR.baskets)],
    ['customers', count(totals.customers), count(LGSR.customers)],
    ['products', count(totals.products), count(LGSR.products)],
    ['stores', count(totals.stores), count(LGSR.stores)],
    ['weeks with data', count(totals.weeks), count(LGSR.weeks)],
    ['anonymous baskets', percent(totals.anonymous), percent(LGSR.anonymousBaskets)],
    ['lines per basket', fixed(totals.lines_per_basket, 2), fixed(LGSR.linesPerBasket, 2)],
    ['spend per basket', pounds(totals.spend_per_basket), pounds(LGSR.spendPerBasket)],
    ['rejected lines', input.rejects === undefined ? 'none' : count(input.rejects), count(LGSR.rejects)],
  ];
  return {
    id: 'data',
    title: 'Data',
    body: html`<p>Weeks ${totals.first_week} to ${totals.last_week}, as the till numbers them.</p>
${dataTable(
  'This data beside the public LGSR extract of 3 million lines',
  [{ title: 'measure' }, { title: 'this data', numeric: true }, { title: 'LGSR extract', numeric: true }],
  facts,
)}
${figure(weeksChart(weeks, input.splitEnds), 'Baskets per calendar week. A week without data keeps its place.')}
<div class="grid">
${figure(
  linesChart(lines, totals.baskets),
  'Share of baskets by lines; the last bar holds longer ones. Dashes: LGSR extract.',
)}
${figure(hoursChart(hours, totals.baskets), 'Share of baskets by hour of the visit.')}
</div>`,
    finding: `${count(totals.lines)} lines in ${count(totals.baskets)} baskets of ${count(totals.customers)} customers, ${count(totals.products)} products and ${count(totals.stores)} stores over ${count(totals.weeks)} weeks.`,
  };
}

function weeksChart(weeks: readonly z.infer<typeof weekShape>[], ends: DataProfileInput['splitEnds']) {
  const highest = Math.max(...weeks.map(({ baskets }) => baskets));
  const borders =
    ends === undefined
      ? []
      : [
          { week: ends.train + 0.5, part: 'validation', height: 1.1 * highest },
          { week: ends.validation + 0.5, part: 'test', height: 1.04 * highest },
        ];
  return draw({
    ariaDescription: `Baskets per week over ${weeks.length} weeks, at most ${count(highest)}`,
    x: { label: 'calendar week', domain: [0.5, weeks.length + 0.5] },
    y: { label: 'baskets', domain: [0, highest * 1.12] },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      areaY(weeks, {
        x: 'week_idx',
        y: (week: { baskets: number }) => (week.baskets === 0 ? Number.NaN : week.baskets),
        fill: 'var(--series-1)',
        fillOpacity: 0.35,
        curve: 'step',
      }),
      ruleX(borders, { x: 'week', strokeDasharray: '3,3' }),
      text(borders, { x: 'week', y: 'height', text: 'part', textAnchor: 'start', dx: 4 }),
      ruleY([0]),
    ],
  });
}

function linesChart(lines: readonly z.infer<typeof linesShape>[], baskets: number) {
  const expected = BASKETS_BY_LINES.map((share, place) => ({ lines: place + 1, share }));
  return draw({
    width: NARROW,
    ariaDescription: 'Share of baskets by number of lines, with the LGSR extract beside it',
    x: {
      label: 'lines',
      tickFormat: (value: number) => (value % 5 === 0 || value === 1 ? String(value) : ''),
    },
    y: { label: 'share of baskets', percent: true },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      barY(lines, {
        x: 'lines',
        y: (row: { baskets: number }) => row.baskets / baskets,
        fill: 'var(--series-1)',
        fillOpacity: 0.7,
      }),
      tickY(expected, { x: 'lines', y: 'share', stroke: 'var(--series-2)', strokeWidth: 2 }),
      ruleY([0]),
    ],
  });
}

function hoursChart(hours: readonly z.infer<typeof hourShape>[], baskets: number) {
  return draw({
    width: NARROW,
    ariaDescription: 'Share of baskets by hour of the day',
    x: { label: 'hour' },
    y: { label: 'share of baskets', percent: true },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      barY(hours, {
        x: 'hour',
        y: (row: { baskets: number }) => row.baskets / baskets,
        fill: 'var(--series-1)',
        fillOpacity: 0.7,
      }),
      ruleY([0]),
    ],
  });
}
