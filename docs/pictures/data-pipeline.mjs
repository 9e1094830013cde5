// Draws the pictures of the data pipeline's pages from a processed folder:
//   pnpm retail-sample-data --customers 300 --weeks 60 --products 1500 --stores 60 --profile promo --out raw_data
//   pnpm retail-data-pipeline --min-copurchase-count 10
//   node docs/pictures/data-pipeline.mjs data/processed
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder = 'data/processed'] = process.argv.slice(2);
const require = createRequire(join(import.meta.dirname, '../../packages/data-pipeline/package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => {
  const reader = await connection.runAndReadAll(sql);
  return reader
    .getRowObjectsJS()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
      ),
    );
};
const table = (name) => `'${join(folder, `${name}.parquet`)}'`;

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 56;
const BOTTOM = 220;
const TOP = 34;

function save(name, title, body, height = HEIGHT) {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="12" y="20" font-size="14">${title}</text>
${body.join('\n')}
</svg>
`;
  writeFileSync(join(import.meta.dirname, `${name}.svg`), text);
}

const label = (x, y, text, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${text}</text>`;
const line = (x1, y1, x2, y2, more) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${more}/>`;

async function prices() {
  const [{ product_id, store_id }] = await rows(
    `SELECT product_id, store_id FROM ${table('prices_derived')} WHERE pack_value IS NULL
     GROUP BY ALL HAVING count(*) > 12 ORDER BY sum(promo_flag) DESC, count(*) DESC, product_id, store_id LIMIT 1`,
  );
  const series = await rows(
    `SELECT week_idx, actual_price, base_price, promo_flag FROM ${table('prices_derived')}
     WHERE product_id = '${product_id}' AND store_id = '${store_id}' ORDER BY week_idx`,
  );
  const highest = Math.max(...series.map((row) => row.base_price)) * 1.1;
  const lastWeek = Math.max(...series.map((row) => row.week_idx));
  const x = (week) => LEFT + (week / lastWeek) * (WIDTH - LEFT - 20);
  const y = (price) => BOTTOM - (price / highest) * (BOTTOM - TOP);
  const body = [
    line(LEFT, BOTTOM, WIDTH - 20, BOTTOM, 'stroke="#888"'),
    line(LEFT, TOP, LEFT, BOTTOM, 'stroke="#888"'),
  ];
  for (let price = 0; price <= highest; price += highest > 4 ? 1 : 0.5)
    body.push(label(12, y(price) + 4, price.toFixed(2)));
  for (let week = 10; week <= lastWeek; week += 10) body.push(label(x(week) - 6, BOTTOM + 16, week));
  for (const row of series) {
    body.push(
      line(
        x(row.week_idx) - 4,
        y(row.base_price),
        x(row.week_idx) + 4,
        y(row.base_price),
        'stroke="#333" stroke-width="2"',
      ),
    );
    const fill = row.promo_flag === 1 ? '#c0392b' : '#2471a3';
    body.push(
      `<circle cx="${x(row.week_idx).toFixed(1)}" cy="${y(row.actual_price).toFixed(1)}" r="4" fill="${fill}"/>`,
    );
  }
  body.push(
    label(LEFT, HEIGHT - 8, 'week_idx; dash: base price, dot: actual price, red: promotion', 'fill="#555"'),
  );
  save('price-derivation', `Prices of ${product_id} in ${store_id}, GBP`, body);
}

async function graph() {
  const edges = await rows(
    `SELECT source, target, edge_type, weight FROM ${table('product_graph_edges')} WHERE edge_type <> 'hierarchy'
     ORDER BY edge_type, weight DESC, source, target`,
  );
  const both = new Map();
  for (const { source, target, edge_type } of edges) {
    for (const end of [source, target]) {
      const entry = both.get(end) ?? { copurchase: 0, substitution: 0 };
      entry[edge_type] += 1;
      both.set(end, entry);
    }
  }
  const [[middle]] = [...both]
    .filter(([, degree]) => degree.copurchase <= 9)
    .sort(
      ([a, left], [b, right]) =>
        Math.min(right.copurchase, right.substitution) - Math.min(left.copurchase, left.substitution) ||
        (a < b ? -1 : 1),
    );
  const near = edges.filter(({ source, target }) => source === middle || target === middle);
  const height = 360;
  const [cx, cy] = [WIDTH / 2, height / 2 + 6];
  const body = near.flatMap(({ source, target, edge_type, weight }, index) => {
    const angle = (2 * Math.PI * index) / near.length - Math.PI / 2;
    const [x, y] = [cx + 230 * Math.cos(angle), cy + 125 * Math.sin(angle)];
    const style =
      edge_type === 'copurchase'
        ? 'stroke="#2471a3" stroke-width="2"'
        : 'stroke="#c0392b" stroke-width="2" stroke-dasharray="6 4"';
    return [
      line(cx, cy, x, y, style),
      `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="6" fill="#333"/>`,
      label(
        x,
        y - 10,
        `${source === middle ? target : source} (${weight.toFixed(2)})`,
        'text-anchor="middle" font-size="11"',
      ),
    ];
  });
  body.push(
    `<circle cx="${cx}" cy="${cy}" r="8" fill="#000"/>`,
    label(cx, cy + 24, middle, 'text-anchor="middle"'),
  );
  body.push(
    label(
      12,
      height - 8,
      'blue: bought together (lift); red, dashed: bought instead (Jaccard x (1 - within-customer lift))',
      'fill="#555"',
    ),
  );
  save('product-graph', `Neighbours of ${middle}`, body, height);
}

/** Bars of a histogram over [0, 1]. */
function bars(values, bins) {
  const counts = new Array(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(value * bins))] += 1;
  return counts;
}

async function affinity() {
  const customers = await rows(
    `SELECT loyalty_score, switching_rate FROM ${table('customer_store_affinity')} WHERE n_trips >= 5`,
  );
  const half = (WIDTH - 60) / 2;
  const body = [];
  for (const [place, [name, values]] of Object.entries({
    loyalty_score: customers.map((row) => row.loyalty_score),
    switching_rate: customers.map((row) => row.switching_rate),
  }).entries()) {
    const counts = bars(values, 20);
    const highest = Math.max(...counts);
    const left = 30 + place * (half + 20);
    counts.forEach((count, bin) => {
      const height = (count / highest) * (BOTTOM - TOP - 10);
      body.push(
        `<rect x="${(left + (bin * half) / 20).toFixed(1)}" y="${(BOTTOM - height).toFixed(1)}" width="${(half / 20 - 2).toFixed(1)}" height="${height.toFixed(1)}" fill="#2471a3"/>`,
      );
    });
    body.push(
      line(left, BOTTOM, left + half, BOTTOM, 'stroke="#888"'),
      label(left, BOTTOM + 16, '0'),
      label(left + half - 8, BOTTOM + 16, '1'),
    );
    body.push(label(left, HEIGHT - 8, `${name}; highest bar: ${highest} customers`, 'fill="#555"'));
  }
  save('customer-store-affinity', `${customers.length} customers with 5 trips or more`, body);
}

async function missions() {
  const names = ['full_shop', 'top_up', 'small_shop'];
  const colours = ['#1a5276', '#2e86c1', '#aed6f1'];
  const customers = await rows(
    `SELECT ${names.map((name) => `p_mission_${name} AS ${name}`).join(', ')} FROM ${table('customer_mission_patterns')}
     WHERE total_trips >= 10 ORDER BY p_mission_full_shop DESC, p_mission_top_up DESC, customer_id`,
  );
  const step = (WIDTH - 40) / customers.length;
  const body = customers.flatMap((row, index) => {
    let top = TOP;
    return names.map((name, place) => {
      const height = row[name] * (BOTTOM - TOP);
      const bar = `<rect x="${(20 + index * step).toFixed(2)}" y="${top.toFixed(1)}" width="${(step + 0.2).toFixed(2)}" height="${height.toFixed(1)}" fill="${colours[place]}"/>`;
      top += height;
      return bar;
    });
  });
  names.forEach((name, place) => {
    body.push(
      `<rect x="${20 + place * 120}" y="${BOTTOM + 14}" width="12" height="12" fill="${colours[place]}"/>`,
    );
    body.push(label(38 + place * 120, BOTTOM + 24, name.replace('_', ' ')));
  });
  save(
    'mission-patterns',
    `Trip types of ${customers.length} customers with 10 trips or more, one column each`,
    body,
  );
}

await prices();
await graph();
await affinity();
await missions();
