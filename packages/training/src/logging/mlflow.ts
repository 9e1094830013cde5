import { z } from 'zod';

/** Metrics in one request: the server's own limit (MLflow REST API, `runs/log-batch`). */
const BATCH_LIMIT = 1000;

/** A server that does not answer within this time is treated as failing. */
const TIMEOUT_MILLISECONDS = 5_000;

/** After this many failures in a row the rest of the run is not sent. */
const GIVE_UP_AFTER = 3;

const createdRun = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });
const experiment = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const createdExperiment = z.object({ experiment_id: z.string() });

export interface MlflowRun {
  /** Queues scalars; they are sent when the queue is full or flushed. */
  readonly metrics: (step: number, values: Readonly<Record<string, number>>) => void;
  /** Sends what is queued. */
  readonly flush: () => Promise<void>;
  readonly finish: (status: 'FINISHED' | 'FAILED' | 'KILLED') => Promise<void>;
}

export interface MlflowOptions {
  /** Tracking server, for example `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly experiment: string;
  readonly run: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Told once for each failure; training goes on whatever the server does. */
  readonly warn: (message: string) => void;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/**
 * Starts a run on an MLflow tracking server. No failure of the server reaches the caller: it is warned about,
 * and after three in a row nothing more is sent.
 */
export async function openMlflowRun(options: MlflowOptions): Promise<MlflowRun> {
  let failures = 0;
  const post = async (path: string, body: unknown): Promise<unknown> =>
    request(`${options.url.replace(/\/+$/, '')}/api/2.0/mlflow/${path}`, body);
  const guarded = async <T>(what: string, send: () => Promise<T>): Promise<T | undefined> => {
    if (failures >= GIVE_UP_AFTER) return undefined;
    try {
      const result = await send();
      failures = 0;
      return result;
    } catch (error) {
      failures++;
      const end = failures >= GIVE_UP_AFTER ? '; nothing more is sent to it in this run' : '';
      options.warn(`the MLflow server did not take ${what}: ${messageOf(error)}${end}`);
      return undefined;
    }
  };

  const runId = await guarded('the new run', async () => {
    const experimentId = await experimentOf(post, options);
    const created = createdRun.parse(
      await post('runs/create', {
        experiment_id: experimentId,
        run_name: options.run,
        start_time: Date.now(),
      }),
    );
    return created.run.info.run_id;
  });
  if (runId === undefined) return { metrics: () => {}, flush: async () => {}, finish: async () => {} };
  await guarded('the parameters', () =>
    post('runs/log-batch', {
      run_id: runId,
      params: Object.entries(options.parameters).map(([key, value]) => ({ key, value: String(value) })),
    }),
  );

  const queue: Metric[] = [];
  const flush = async (): Promise<void> => {
    while (queue.length > 0 && failures < GIVE_UP_AFTER) {
      const metrics = queue.splice(0, BATCH_LIMIT);
      await guarded(`${metrics.length} metrics`, () => post('runs/log-batch', { run_id: runId, metrics }));
    }
    queue.length = 0;
  };
  return {
    metrics: (step, values) => {
      if (failures >= GIVE_UP_AFTER) return;
      for (const [key, value] of Object.entries(values)) {
        if (Number.isFinite(value)) queue.push({ key, value, timestamp: Date.now(), step });
      }
    },
    flush,
    finish: async (status) => {
      await flush();
      await guarded('the end of the run', () =>
        post('runs/update', { run_id: runId, status, end_time: Date.now() }),
      );
    },
  };
}

async function experimentOf(
  post: (path: string, body: unknown) => Promise<unknown>,
  options: MlflowOptions,
): Promise<string> {
  const name = encodeURIComponent(options.experiment);
  const url = `${options.url.replace(/\/+$/, '')}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${name}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  if (response.ok) return experiment.parse(await response.json()).experiment.experiment_id;
  if (response.status !== 404) throw new Error(`HTTP ${response.status}`);
  return createdExperiment.parse(await post('experiments/create', { name: options.experiment }))
    .experiment_id;
}

async function request(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${(await response.text()).slice(0, 200)}`);
  return response.json();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
