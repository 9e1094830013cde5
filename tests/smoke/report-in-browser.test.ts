// The report as people see it: on a phone and on a desk, light and dark, and through the rules of axe (WCAG 2.1 AA).
// Needs a Chromium on the machine; the pictures are left in .cache/screenshots/ to be looked at.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { source as axeSource } from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../prepared-run/commands.js';

const executablePath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined)
  process.stdout.write('skipped: no Chromium here (or name it in CHROMIUM)\n');

const page = pathToFileURL(join(inject('preparedRun'), 'reports', 'demo.html')).href;
const pictures = join(ROOT, '.cache', 'screenshots');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

describe.skipIf(executablePath === undefined)('the report in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
  });
  afterAll(() => browser.close());

  it.each([
    { name: 'phone-light', width: 390, colorScheme: 'light' as const },
    { name: 'phone-dark', width: 390, colorScheme: 'dark' as const },
    { name: 'desk-light', width: 1200, colorScheme: 'light' as const },
    { name: 'desk-dark', width: 1200, colorScheme: 'dark' as const },
  ])('$name: fits the width, loads nothing, and passes axe', async ({ name, width, colorScheme }) => {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      bypassCSP: true,
    });
    const asked: string[] = [];
    context.on('request', (request) => asked.push(request.url()));
    const tab = await context.newPage();
    await tab.goto(page);
    await tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    expect(asked).toEqual([page]);
    const overflow = await tab.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    await tab.evaluate(axeSource);
    const { violations } = (await tab.evaluate(
      `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })`,
    )) as AxeResult;
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
    await context.close();
  });
});
