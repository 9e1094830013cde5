/** A step of a run as `retail-data-pipeline --json` reports it. */
interface Step {
  readonly step: string;
  readonly status: string;
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export function stepsOf(json: string): readonly Step[] {
  const { steps }: { steps: readonly Step[] } = JSON.parse(json);
  return steps;
}

/** CPU seconds, wall and peak of each step of one run, as lines. */
export function stepTable(steps: readonly Step[]): string {
  const lines = steps.map(({ step, status, rows, seconds, cpuSeconds, peakBytes }) =>
    [
      step.padEnd(24),
      status.padEnd(8),
      String(rows).padStart(12),
      cpuSeconds.toFixed(2).padStart(9),
      seconds.toFixed(2).padStart(9),
      (peakBytes / 1e6).toFixed(0).padStart(8),
    ].join(''),
  );
  return ['step                    what            rows    CPU s   wall s peak MB', ...lines, ''].join('\n');
}
