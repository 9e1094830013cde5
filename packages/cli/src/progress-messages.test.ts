import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Progress } from './progress.js';
import { type ProgressMessage, progressByMessages, relayProgress } from './progress-messages.js';

function recordingProgress() {
  const calls: string[] = [];
  const progress: Progress = {
    clear: () => {},
    task: (label, total, unit) => {
      calls.push(`task ${label} ${total} ${unit}`);
      return {
        advance: (amount) => calls.push(`advance ${amount}`),
        update: (done, note) => calls.push(`update ${done} ${note}`),
        setTotal: (value) => calls.push(`total ${value}`),
        done: (note) => calls.push(`done ${note}`),
      };
    },
  };
  return { progress, calls };
}

describe('progress by messages', () => {
  it('reaches the display of the other side, not more often than it can be seen', () => {
    const { progress, calls } = recordingProgress();
    const relay = relayProgress(progress, '2/5 prices: ');
    let time = 0;
    const sent: ProgressMessage[] = [];
    const sender = progressByMessages(
      (message) => sent.push(message),
      () => time,
    );
    const task = sender.task('reading', 1000, 'rows');
    for (let step = 0; step < 100; step++) {
      time += 1;
      task.advance(10);
    }
    task.done('1 rejected');
    for (const message of sent) expect(relay(structuredClone(message))).toBe(true);
    expect(calls).toEqual([
      'task 2/5 prices: reading 1000 rows',
      'total 1000',
      'update 500 undefined',
      'total 1000',
      'update 1000 undefined',
      'total 1000',
      'update 1000 undefined',
      'done 1 rejected',
    ]);
  });

  it('leaves messages of others alone', () => {
    const { progress, calls } = recordingProgress();
    expect(relayProgress(progress)({ event: 'usage', cpuSeconds: 3 })).toBe(false);
    expect(relayProgress(progress)('text')).toBe(false);
    expect(calls).toEqual([]);
  });

  it('comes out of a worker thread', async () => {
    const { progress, calls } = recordingProgress();
    const relay = relayProgress(progress);
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
       parentPort.postMessage({ event: 'task', task: 0, label: 'in a thread', unit: 'rows' });
       parentPort.postMessage({ event: 'done', task: 0 });`,
      { eval: true },
    );
    worker.on('message', relay);
    await new Promise((resolve) => worker.on('exit', resolve));
    expect(calls).toEqual(['task in a thread undefined rows', 'done undefined']);
  });
});
