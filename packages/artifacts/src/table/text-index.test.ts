import { expect, test } from 'vitest';
import { createTextIndex } from './text-index.js';

test('a text has one code, in the order of first appearance, however many there are', () => {
  const index = createTextIndex();
  const codeOf = (text: string) => {
    const bytes = Buffer.from(`<${text}>`);
    return index.codeOf(bytes, 1, bytes.length - 1);
  };
  const texts = Array.from({ length: 20_000 }, (_, code) => (code === 3 ? '' : `Käse ${code * 7919}`));
  for (const turn of [1, 2]) {
    expect(texts.map(codeOf), `turn ${turn}`).toEqual(texts.map((_, code) => code));
  }
  expect(index.values).toEqual(texts);
});
