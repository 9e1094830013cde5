// What the product embeddings are worth: a tenth of the links is held out of the fit, of the graph and of training, and
// each embedding has to find it. Needs the folder of a finished data pipeline, and layer 1 of a feature folder for the
// pseudo-brands (without it they stand in for nothing).
// Flags: --processed DIR, --features DIR, --seeds 1,2,3, --device NAME, --threads N, --only NAME, --json.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyUpstream } from '@retail-sim/artifacts';
import { formatTable } from '@retail-sim/cli';
import { SPLIT_FILE, splitSchema } from '@retail-sim/data-pipeline/schemas';
import {
  CONTENDERS,
  type ContenderScores,
  type LinkScores,
  readEmbeddingInput,
  scoreContender,
} from '@retail-sim/feature-engineering/product-embeddings';
import { pseudoBrands } from '@retail-sim/feature-engineering/schemas';

const { values } = parseArgs({
  options: {
    processed: { type: 'string', default: 'data/processed' },
    features: { type: 'string', default: 'data/features' },
    seeds: { type: 'string', default: '1,2,3' },
    device: { type: 'string', default: 'wasm' },
    threads: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const processed = resolve(values.processed);
const brands = join(resolve(values.features), pseudoBrands.file);
const pipeline = await verifyUpstream(processed, { command: 'retail-data-pipeline', files: [SPLIT_FILE] });
const split = splitSchema.parse(JSON.parse(await readFile(join(processed, SPLIT_FILE), 'utf8')));
const hasBrands = (await stat(brands).catch(() => undefined)) !== undefined;
const input = await readEmbeddingInput(pipeline, {
  fitThroughWeek: split.fitThroughWeek,
  ...(hasBrands ? { pseudoBrands: brands } : {}),
});

const METRICS: readonly (keyof LinkScores)[] = ['auc', 'linkedAuc', 'hardAuc', 'hitAt10', 'hardHitAt10'];
type Row = ContenderScores & { readonly cpuSeconds: number };
const rows: Row[] = [];
for (const contender of CONTENDERS) {
  if (values.only !== undefined && values.only !== contender) continue;
  for (const seed of values.seeds.split(',').map(Number)) {
    const before = process.cpuUsage();
    const scores = await scoreContender(input, contender, seed, {
      device: values.device,
      threads: Number(values.threads),
    });
    const { user, system } = process.cpuUsage(before);
    const row = { ...scores, cpuSeconds: (user + system) / 1e6 };
    rows.push(row);
    process.stderr.write(`${contender}, seed ${seed}: ${row.cpuSeconds.toFixed(1)} CPU s\n`);
    if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}

if (!values.json) {
  const table = CONTENDERS.flatMap((contender) => {
    const own = rows.filter((row) => row.contender === contender);
    if (own.length === 0) return [];
    const summary = (name: keyof LinkScores | 'cpuSeconds', digits: number) => {
      const scores = own.map((row) => row[name]);
      const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
      const spread = Math.max(...scores) - Math.min(...scores);
      return `${mean.toFixed(digits)} ± ${(spread / 2).toFixed(digits)}`;
    };
    return [[contender, ...METRICS.map((name) => summary(name, 3)), summary('cpuSeconds', 1)]];
  });
  process.stdout.write(
    formatTable(
      ['embedding', 'AUC', 'AUC, linked', 'AUC, hard', 'hit@10', 'hit@10, hard', 'CPU s'].map((title) => ({
        title,
      })),
      table,
    ),
  );
}
