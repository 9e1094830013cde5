// T2: what is in the basket (spec section 4, 3.2).

import { mersenneTwister } from '@retail-sim/random';
import { PAD_TOKEN } from '../dimensions.js';

export const PRODUCT_VECTOR_SIZE = 256;

/** MASK and EOS of catalogues of up to 5,000 products; larger ones put them behind the last product. */
const USUAL_MASK_TOKEN = 5001;
const LARGEST_USUAL_CATALOGUE = 5000;
/** Scale and seed of the MASK and EOS vectors. */
const SPECIAL_SCALE = 0.1;
const SPECIAL_SEED = 42;
const POSITION_BASE = 10000;

/** Tokens: products sorted by code are 1..P, 0 pads; always read MASK and EOS from here, never from a constant. */
export interface Vocabulary {
  /** Product codes, ascending by code point: product `i` has token `i + 1`. */
  readonly products: readonly string[];
  readonly tokens: ReadonlyMap<string, number>;
  readonly pad: number;
  readonly mask: number;
  readonly eos: number;
  /** Classes of a head over all tokens: EOS + 1. */
  readonly size: number;
}

/** The vocabulary of a catalogue; codes may come in any order and more than once. */
export function buildVocabulary(productCodes: Iterable<string>): Vocabulary {
  const products = [...new Set(productCodes)].sort(byCodePoint);
  const { mask, eos, size } = specialTokens(products.length);
  const tokens = new Map(products.map((code, index) => [code, index + 1]));
  return { products, tokens, pad: PAD_TOKEN, mask, eos, size };
}

/** MASK, EOS and the number of classes for a catalogue of `products` products. */
export function specialTokens(products: number): { mask: number; eos: number; size: number } {
  const mask = products <= LARGEST_USUAL_CATALOGUE ? USUAL_MASK_TOKEN : products + 1;
  return { mask, eos: mask + 1, size: mask + 2 };
}

/** Orders ids by code point, which for ids differs from no locale and no machine. */
export function byCodePoint(a: string, b: string): number {
  // UTF-16 order differs from code-point order only for characters outside the basic plane against U+E000..U+FFFF.
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The MASK and the EOS vector, `[256]` each. */
export function specialVectors(): { mask: Float64Array; eos: Float64Array } {
  const { normal } = mersenneTwister(SPECIAL_SEED);
  const draw = () => Float64Array.from({ length: PRODUCT_VECTOR_SIZE }, () => SPECIAL_SCALE * normal());
  const mask = draw();
  return { mask, eos: draw() };
}

/** Position encoding of spec section 4, 3.2: rows of 256, `[length, 256]`. */
export function positionEncoding(length: number): Float64Array {
  const table = new Float64Array(length * PRODUCT_VECTOR_SIZE);
  for (let position = 0; position < length; position++) {
    for (let i = 0; i < PRODUCT_VECTOR_SIZE; i += 2) {
      const angle = position * POSITION_BASE ** (-i / PRODUCT_VECTOR_SIZE);
      table[position * PRODUCT_VECTOR_SIZE + i] = Math.sin(angle);
      table[position * PRODUCT_VECTOR_SIZE + i + 1] = Math.cos(angle);
    }
  }
  return table;
}

/** Tokens of a basket with EOS at the end, the reference's way: file order, unknown codes dropped, cut to `maximum`. */
export function encodeProducts(
  vocabulary: Vocabulary,
  codes: readonly string[],
  maximum: number,
): { tokens: Int32Array; dropped: number } {
  const known = codes.flatMap((code) => vocabulary.tokens.get(code) ?? []);
  const tokens = Int32Array.from([...known.slice(0, maximum - 1), vocabulary.eos]);
  return { tokens, dropped: codes.length - known.length };
}

/** Codes of a token sequence: stops at EOS, skips padding; MASK reads `[MASK]`. */
export function decodeProducts(vocabulary: Vocabulary, tokens: ArrayLike<number>): string[] {
  const codes: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? PAD_TOKEN;
    if (token === vocabulary.eos) break;
    if (token === PAD_TOKEN) continue;
    codes.push(token === vocabulary.mask ? '[MASK]' : (vocabulary.products[token - 1] ?? '[UNKNOWN]'));
  }
  return codes;
}

/**
 * Writes T2 of one basket, `[length, 256]`, from an embedding table `[tokens, 256]` whose row is the token. With
 * `positions` (the table of {@link positionEncoding}) the encoding is added, as the reference does; the default is
 * without: the models add their own after the projection.
 */
export function writeProductSequence(
  { out, offset }: { readonly out: Float32Array; readonly offset: number },
  embeddings: Float32Array,
  tokens: ArrayLike<number>,
  positions?: Float64Array,
): void {
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? PAD_TOKEN;
    const start = offset + i * PRODUCT_VECTOR_SIZE;
    const row = token * PRODUCT_VECTOR_SIZE;
    out.set(embeddings.subarray(row, row + PRODUCT_VECTOR_SIZE), start);
    if (positions === undefined || token === PAD_TOKEN) continue;
    for (let k = 0; k < PRODUCT_VECTOR_SIZE; k++) {
      out[start + k] = (out[start + k] ?? 0) + (positions[i * PRODUCT_VECTOR_SIZE + k] ?? 0);
    }
  }
}
