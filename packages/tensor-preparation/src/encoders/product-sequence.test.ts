import { describe, expect, test } from 'vitest';
import {
  buildVocabulary,
  byCodePoint,
  decodeProducts,
  encodeProducts,
  positionEncoding,
  specialTokens,
  specialVectors,
  writeProductSequence,
} from './product-sequence.js';

describe('T2, product sequence', () => {
  test('tokens are the places of the sorted codes, whatever order they come in', () => {
    const vocabulary = buildVocabulary(['PRD3', 'PRD1', 'PRD2', 'PRD1']);
    expect(vocabulary.products).toEqual(['PRD1', 'PRD2', 'PRD3']);
    expect(vocabulary.tokens.get('PRD3')).toBe(3);
    expect([vocabulary.pad, vocabulary.mask, vocabulary.eos, vocabulary.size]).toEqual([0, 5001, 5002, 5003]);
  });

  test('a large catalogue moves MASK and EOS behind its last product', () => {
    expect(specialTokens(4997)).toEqual({ mask: 5001, eos: 5002, size: 5003 });
    expect(specialTokens(5000)).toEqual({ mask: 5001, eos: 5002, size: 5003 });
    expect(specialTokens(5001)).toEqual({ mask: 5002, eos: 5003, size: 5004 });
  });

  test('decode inverts encode; unknown codes are dropped and counted', () => {
    const vocabulary = buildVocabulary(['A', 'B', 'C', 'D', 'E']);
    const { tokens, dropped } = encodeProducts(vocabulary, ['E', 'A', 'Z', 'C'], 50);
    expect(Array.from(tokens)).toEqual([5, 1, 3, 5002]);
    expect(dropped).toBe(1);
    expect(decodeProducts(vocabulary, tokens)).toEqual(['E', 'A', 'C']);
    expect(decodeProducts(vocabulary, [0, 5001, 2, 5002, 1])).toEqual(['[MASK]', 'B']);
    expect(Array.from(encodeProducts(vocabulary, ['Z'], 50).tokens)).toEqual([5002]);
  });

  test('a basket longer than 50 keeps 49 items and EOS', () => {
    const codes = Array.from({ length: 60 }, (_, index) => `P${index + 10}`);
    const { tokens } = encodeProducts(buildVocabulary(codes), codes, 50);
    expect(tokens.length).toBe(50);
    expect(tokens[49]).toBe(5002);
  });

  test('special vectors and position encoding equal the golden values', () => {
    const { mask, eos } = specialVectors();
    expect([mask[0], mask[1], mask[2]]).toEqual([0.049671415, -0.01382643, 0.064768854].map(close));
    expect([eos[0], eos[1], eos[2]]).toEqual([0.126691115, -0.070766947, 0.044381943].map(close));
    const table = positionEncoding(2);
    expect(Array.from(table.slice(256, 260))).toEqual(
      [0.841470985, 0.540302306, 0.801961795, 0.597375325].map(close),
    );
    expect(Array.from(table.slice(510))).toEqual([0.000107461, 0.999999994].map(close));
  });

  test('padding rows stay exactly zero, with and without position encoding', () => {
    const embeddings = new Float32Array(3 * 256).fill(1).fill(0, 0, 256);
    const out = new Float32Array(3 * 256);
    writeProductSequence({ out, offset: 0 }, embeddings, [2, 0, 1], positionEncoding(3));
    expect(out.slice(256, 512).every((value) => value === 0)).toBe(true);
    expect(out[1]).toBe(2);
    writeProductSequence({ out, offset: 0 }, embeddings, [2, 0, 1]);
    expect(out.slice(0, 256).every((value) => value === 1)).toBe(true);
  });

  test('ids sort by code point, not by UTF-16 unit', () => {
    expect(['\u{1F600}', '\uFF5E', 'b', 'a', 'ab'].sort(byCodePoint)).toEqual([
      'a',
      'ab',
      'b',
      '\uFF5E',
      '\u{1F600}',
    ]);
  });
});

function close(value: number) {
  return expect.closeTo(value, 8);
}
