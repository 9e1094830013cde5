import { describe, expect, test } from 'vitest';
import { CORRUPTION } from '../batch.js';
import { arrangeItems } from './arrange-items.js';
import { maskBasket, maskedCount } from './mask-basket.js';

const rule = { probability: 0.15, maskToken: 5001, products: 4000 };
const key = { seed: 42, epoch: 3, basketRow: 17 };
const basket = (size: number) => Int32Array.from({ length: size }, (_, index) => index + 1);

describe('masking', () => {
  test('max(1, floor(0.15 n)) items are hidden, none of an empty basket', () => {
    expect([0, 1, 6, 13, 14, 20, 49].map((items) => maskedCount(items, 0.15))).toEqual([0, 1, 1, 1, 2, 3, 7]);
    expect(maskedCount(10, 0)).toBe(0);
    for (let size = 0; size < 50; size++) {
      expect(maskBasket(basket(size), key, rule).positions.length).toBe(maskedCount(size, 0.15));
    }
  });

  test('the mask of a basket depends on seed, epoch and basket alone', () => {
    expect(maskBasket(basket(20), key, rule)).toEqual(maskBasket(basket(20), key, rule));
    for (const other of [
      { ...key, epoch: 4 },
      { ...key, basketRow: 18 },
      { ...key, seed: 1 },
    ]) {
      expect(maskBasket(basket(40), other, rule).positions).not.toEqual(
        maskBasket(basket(40), key, rule).positions,
      );
    }
  });

  test('which positions are hidden does not depend on what stands there', () => {
    const one = maskBasket(basket(20), key, rule);
    const two = maskBasket(basket(20).reverse(), key, rule);
    expect(two.positions).toEqual(one.positions);
    for (const position of one.positions) {
      if (one.corruption[position] === CORRUPTION.mask) expect(two.tokens[position]).toBe(5001);
    }
  });

  test('80 % MASK, 10 % another product, 10 % kept; positions spread evenly; the rest is untouched', () => {
    let [masked, random, total] = [0, 0, 0];
    const hits = new Uint32Array(20);
    for (let basketRow = 0; basketRow < 34_000; basketRow++) {
      const items = basket(20);
      const {
        tokens,
        corruption,
        random: replaced,
        positions,
      } = maskBasket(items, { ...key, basketRow }, rule);
      total += positions.length;
      for (let i = 0; i < 20; i++) {
        if (positions.includes(i)) {
          hits[i] = (hits[i] ?? 0) + 1;
          masked += corruption[i] === CORRUPTION.mask ? 1 : 0;
          random += replaced[i] ?? 0;
        } else if (tokens[i] !== items[i]) throw new Error('an item that is not hidden has changed');
      }
    }
    expect(total).toBe(102_000);
    expect(Math.abs(masked / total - 0.8)).toBeLessThan(0.01);
    expect(Math.abs(random / total - 0.1)).toBeLessThan(0.01);
    for (const count of hits) expect(Math.abs(count / (total / 20) - 1)).toBeLessThan(0.06);
  });

  test('items are shown in an order of their own, and a long basket loses a random choice', () => {
    const order = arrangeItems(10, 49, key);
    expect(Array.from(order).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(arrangeItems(10, 49, key)).toEqual(order);
    expect(arrangeItems(10, 49, { ...key, epoch: 4 })).not.toEqual(order);
    const kept = arrangeItems(80, 49, key);
    expect(new Set(kept).size).toBe(49);
    expect(Math.max(...kept)).toBeGreaterThan(49);
  });
});
