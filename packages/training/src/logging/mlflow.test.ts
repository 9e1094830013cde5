import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openMlflowRun } from './mlflow.js';

interface Received {
  readonly path: string;
  readonly body: unknown;
}

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

/** A tracking server on the loopback interface that answers as the REST API does, or always with `status`. */
async function startServer(received: Received[], status = 200): Promise<string> {
  const started = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const text = Buffer.concat(chunks).toString('utf8');
      received.push({ path, body: text === '' ? undefined : JSON.parse(text) });
      const missing = path.includes('get-by-name');
      response.statusCode = status === 200 && missing ? 404 : status;
      const answer = path.endsWith('experiments/create')
        ? { experiment_id: '7' }
        : { run: { info: { run_id: 'run-1' } } };
      response.end(JSON.stringify(answer));
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const options = (url: string, warnings: string[]) => ({
  url,
  experiment: 'retail-sim',
  run: 'tiny',
  parameters: { epochs: 2 },
  warn: (message: string) => {
    warnings.push(message);
  },
});

describe('MLflow tracking', () => {
  it('makes the experiment and the run, and sends metrics in one batch', async () => {
    const received: Received[] = [];
    const warnings: string[] = [];
    const run = await openMlflowRun(options(await startServer(received), warnings));
    run.metrics(1, { loss: 3 });
    run.metrics(2, { loss: 2, broken: Number.NaN });
    await run.finish('FINISHED');
    expect(warnings).toEqual([]);
    const batches = received.filter(({ path }) => path.endsWith('log-batch')).map(({ body }) => body);
    expect(batches).toHaveLength(2);
    expect(batches[1]).toMatchObject({
      run_id: 'run-1',
      metrics: [
        { key: 'loss', value: 3, step: 1 },
        { key: 'loss', value: 2, step: 2 },
      ],
    });
    expect(received.at(-1)?.body).toMatchObject({ status: 'FINISHED' });
  });

  it('goes on when the server fails, and says so once', async () => {
    const received: Received[] = [];
    const warnings: string[] = [];
    const run = await openMlflowRun(options(await startServer(received, 500), warnings));
    run.metrics(1, { loss: 3 });
    await run.finish('FINISHED');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/did not take the new run: HTTP 500/);
  });

  it('stops sending after three failures in a row', async () => {
    const received: Received[] = [];
    const warnings: string[] = [];
    const url = await startServer(received);
    const run = await openMlflowRun(options(url, warnings));
    server?.close();
    server?.closeAllConnections();
    for (let step = 0; step < 5; step++) {
      run.metrics(step, { loss: 1 });
      await run.flush();
    }
    expect(warnings).toHaveLength(3);
    expect(warnings[2]).toMatch(/nothing more is sent/);
  });
});
