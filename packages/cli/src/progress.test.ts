import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.js';
import type { Terminal } from './terminal.js';

function recorder(interactive: boolean) {
  let time = 0;
  let err = '';
  const terminal: Terminal = {
    out: () => {},
    err: (text) => {
      err += text;
    },
    interactive,
    color: false,
    width: 120,
    now: () => time,
  };
  return {
    terminal,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    written: () => err,
  };
}

describe('progress', () => {
  it('draws a bar with share, rate and time left on a screen', () => {
    const { terminal, pass, written } = recorder(true);
    const task = createProgress(terminal, false).task('reading', 1000, 'rows');
    pass(1000);
    task.advance(250);
    expect(written()).toBe(
      '\r\u001b[2Kreading [======                  ] 25 %  250/1,000 rows  250/s  ETA 3.0 s',
    );
    task.done();
    expect(written()).toMatch(/reading: done, 250 rows in 1.0 s\n$/);
  });

  it('does not redraw faster than a screen shows', () => {
    const { terminal, pass, written } = recorder(true);
    const task = createProgress(terminal, false).task('reading', 10);
    pass(100);
    for (let step = 0; step < 5; step++) task.advance(1);
    expect(written().match(/\r/g)).toHaveLength(1);
  });

  it('prints plain lines elsewhere, at most one in ten seconds', () => {
    const { terminal, pass, written } = recorder(false);
    const task = createProgress(terminal, false).task('reading', 1000, 'rows');
    pass(9_000);
    task.advance(100);
    expect(written()).toBe('');
    pass(1_000);
    task.advance(100);
    expect(written()).toBe('reading: 20 %  200/1,000 rows  20/s  ETA 40 s\n');
  });

  it('is silent when quiet', () => {
    const { terminal, pass, written } = recorder(true);
    const task = createProgress(terminal, true).task('reading', 10);
    pass(60_000);
    task.advance(10);
    task.done();
    expect(written()).toBe('');
  });
});
