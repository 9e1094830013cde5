// One process: `PROCESSED`. Reads every basket and line and adds them up: what no build can be faster than.
import { readTable, verifyUpstream } from '@retail-sim/artifacts';
import { baskets, transactions } from '@retail-sim/data-pipeline/schemas';

const [processed = ''] = process.argv.slice(2);
const pipeline = await verifyUpstream(processed, { command: 'retail-data-pipeline' });
let rows = 0;
for await (const batch of readTable(pipeline.path(baskets), baskets)) rows += batch.rows;
for await (const batch of readTable(pipeline.path(transactions), transactions)) rows += batch.rows;
process.stdout.write(`${rows}\n`);
