import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonLines, openJsonLines } from '../logging/json-lines.js';
import { type MlflowRun, openMlflowRun } from '../logging/mlflow.js';
import { type EventWriter, openEventFile } from '../logging/tensorboard-events.js';

/** Where the numbers of a run go: JSON lines, TensorBoard events, and an MLflow server where one is named. */
export interface RunLogs {
  /** Numbers of a training step, a validation or an epoch; `kind` groups them in TensorBoard and MLflow. */
  readonly record: (
    kind: 'train' | 'validation' | 'epoch',
    step: number,
    values: Readonly<Record<string, number | string>>,
  ) => void;
  readonly flush: () => Promise<void>;
  readonly close: (status: 'FINISHED' | 'FAILED' | 'KILLED') => Promise<void>;
}

export interface RunLogsOptions {
  readonly folder: string;
  readonly run: string;
  readonly mlflow: string | undefined;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly warn: (message: string) => void;
}

/** Opens `{folder}/{run}.jsonl`, an event file in `{folder}/{run}/`, and the run on the MLflow server. */
export async function openRunLogs(options: RunLogsOptions): Promise<RunLogs> {
  const { folder, run, mlflow } = options;
  const lines: JsonLines = openJsonLines(join(folder, `${run}.jsonl`));
  const events: EventWriter = openEventFile(join(folder, run));
  const server: MlflowRun | undefined =
    mlflow === undefined
      ? undefined
      : await openMlflowRun({
          url: mlflow,
          experiment: 'retail-sim',
          run,
          parameters: options.parameters,
          warn: options.warn,
        });
  const epochs: Readonly<Record<string, number | string>>[] = [];
  const started = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    record: (kind, step, values) => {
      lines.write({ kind, step, time: new Date().toISOString(), ...values });
      const numbers = Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) =>
          typeof value === 'number' ? [[`${kind}/${name}`, value]] : [],
        ),
      );
      events.scalars(step, numbers);
      server?.metrics(step, numbers);
      if (kind === 'epoch') {
        epochs.push(values);
        writeEpochs(folder, started, epochs);
      }
    },
    flush: async () => server?.flush(),
    close: async (status) => {
      lines.close();
      events.close();
      await server?.finish(status);
    },
  };
}

/** `training_log_{time}.json`: the array of epochs that the reference writes (spec section 5, 7.6). */
function writeEpochs(folder: string, started: string, epochs: readonly unknown[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `training_log_${started}.json`), `${JSON.stringify(epochs, null, 2)}\n`);
}
