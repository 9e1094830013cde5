import { expect, test } from 'vitest';
import { referenceSeed, sipHash13 } from './string-hash.js';

const signed = (text: string) => BigInt.asIntN(64, sipHash13(new TextEncoder().encode(text)));

test('hashes are those of the reference with a hash seed of 0', () => {
  expect(signed('PRD0900121')).toBe(-2666663546829026038n);
  expect(signed('STORE00002')).toBe(6985627916468488238n);
  expect(signed('')).toBe(0n);
});

test('the seed of a vector is the hash modulo 2^31', () => {
  expect(referenceSeed('PRD0900121')).toBe(2076560650);
  expect(referenceSeed('STORE00002')).toBe(505940014);
});
