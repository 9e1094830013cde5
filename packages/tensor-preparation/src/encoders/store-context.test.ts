import { describe, expect, test } from 'vitest';
import {
  meanIdentity,
  STORE_FORMATS,
  STORE_REGIONS,
  storeIdentity,
  writeStoreContext,
} from './store-context.js';
import { encoded } from './tensor-target.js';

const operations = { size: 0.8, traffic: 0.7, spend: 0.3, age: 0.9 };

function store(format: string, region: string, mode: 'corrected' | 'reference' = 'corrected') {
  return encoded(96, (target) =>
    writeStoreContext(target, { format, region, operations, identity: storeIdentity('STORE00001') }, mode),
  );
}

describe('T5, store context', () => {
  test('format, region and operations equal the golden values', () => {
    const t5 = store('LS', 'E02', 'reference');
    expect(t5[0]).toBeCloseTo(0.049671415, 9);
    expect([t5[24], t5[25], t5[26]]).toEqual(
      [0.029612028, 0.026105527, 0.000511346].map((v) => expect.closeTo(v, 9)),
    );
    expect(Array.from(t5.slice(56, 60))).toEqual(
      [0.587785252, -0.809016994, -0.951056516, 0.309016994].map((v) => expect.closeTo(v, 9)),
    );
    expect(Array.from(t5.slice(72, 76))).toEqual([0.56, 0.09, 0.72, 0.49].map((v) => expect.closeTo(v, 9)));
    for (let i = 0; i < 4; i++) expect(t5[52 + i]).toBeCloseTo(1 - (t5[48 + i] ?? 0), 12);
    expect(Array.from(t5.slice(76, 80))).toEqual([0, 0, 0, 0]);
  });

  test('every format and region of the data has a vector of its own; the reference knows three formats', () => {
    const formats = new Set(STORE_FORMATS.map((format) => store(format, 'E01').slice(0, 24).join()));
    const regions = new Set(STORE_REGIONS.map((region) => store('LS', region).slice(24, 48).join()));
    expect([formats.size, regions.size]).toEqual([4, 14]);
    expect(
      store('XLS', 'E01', 'reference')
        .slice(0, 24)
        .every((value) => value === 0),
    ).toBe(true);
    expect(
      store('??', 'E01')
        .slice(0, 24)
        .every((value) => value === 0),
    ).toBe(true);
    // Appended rows leave the old ones alone.
    expect(store('SS', 'N02')).toEqual(store('SS', 'N02', 'reference'));
  });

  test('the identity has norm 0.5, is the same in every run and differs between stores', () => {
    expect(Math.hypot(...storeIdentity('STORE00001'))).toBeCloseTo(0.5, 12);
    expect(storeIdentity('STORE00001')).toEqual(storeIdentity('STORE00001'));
    expect(storeIdentity('STORE00001')).not.toEqual(storeIdentity('STORE00002'));
    const mean = meanIdentity([storeIdentity('STORE00001'), storeIdentity('STORE00002')]);
    expect(Math.hypot(...mean)).toBeCloseTo(0.5, 12);
    expect(meanIdentity([]).every((value) => value === 0)).toBe(true);
  });

  test('without operations 48-79 are zero', () => {
    const t5 = encoded(96, (target) =>
      writeStoreContext(target, { format: 'LS', region: 'E01', identity: storeIdentity('A') }),
    );
    expect(t5.slice(48, 80).every((value) => value === 0)).toBe(true);
  });
});
