import { keyedStream, shuffledOrder } from '@retail-sim/random';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { hardNegatives } from '../graphsage/negatives.js';
import { strongestLinks } from '../links.js';
import type { ProductEmbeddingsInput } from '../read-embedding-input.js';
import { rowProduct } from '../unit-rows.js';
import { areaUnderCurve, isHitAt10 } from './link-metrics.js';

/** Share of the links that no embedding may see (spec section 3, layer 3). */
const HELD_OUT_SHARE = 0.1;
/** Products that each held-out partner has to be found among. */
const CANDIDATES = 100;
/** Draws for a product that is not itself a partner. */
const ATTEMPTS = 20;

export interface HeldOutLinks {
  /** By place in the list of pairs, ascending. */
  readonly held: Uint32Array;
  /** 1 for the same pairs, `[N]`: they are as if they had never been bought together. */
  readonly leaveOut: Uint8Array;
}

/** Takes a seeded tenth of the links away, as a whole: from the fit, from the graph and from training. */
export function holdOutLinks({ jointBaskets }: ProductEmbeddingsInput, seed: number): HeldOutLinks {
  const links = strongestLinks(jointBaskets);
  const order = shuffledOrder(keyedStream(seed, 'held-out-links'), links.length);
  const held = order
    .subarray(0, Math.round(links.length * HELD_OUT_SHARE))
    .map((place) => links[place] ?? 0)
    .sort();
  const leaveOut = new Uint8Array(jointBaskets.count.length);
  for (const pair of held) leaveOut[pair] = 1;
  return { held, leaveOut };
}

/** How well cosines find the held-out links. */
export interface LinkScores {
  /** Against pairs of products drawn evenly. */
  readonly auc: number;
  /** The same, of products that have a link at all. */
  readonly linkedAuc: number;
  /** Against pairs whose second product is replaced by one of the same department that sells as often. */
  readonly hardAuc: number;
  /** Share of links whose partner is among the ten nearest of itself and 100 products drawn evenly. */
  readonly hitAt10: number;
  /** The same with 100 products of the same department that sell as often. */
  readonly hardHitAt10: number;
}

/** @param vectors unit rows, `[P, 256]` */
export function scoreLinks(
  input: ProductEmbeddingsInput,
  vectors: Float32Array,
  { held }: HeldOutLinks,
  seed: number,
): LinkScores {
  const { products, jointBaskets } = input;
  const hardNegative = hardNegatives(products, jointBaskets.perProduct);
  const linked = linkedProducts(input);
  const stream = keyedStream(seed, 'held-out-negatives');
  const cosine = (a: number, b: number) => rowProduct(vectors, a, b, PRODUCT_EMBEDDING_SIZE);
  const uniform = () => stream.below(products.length);
  const withLink = linked.flatMap((partners, product) => (partners.size > 0 ? [product] : []));
  const uniformWithLink = () => withLink[stream.below(withLink.length)] ?? 0;
  const positive: number[] = [];
  const random: number[] = [];
  const randomLinked: number[] = [];
  const hard: number[] = [];
  const unlinkedPair = (next: () => number) => {
    const one = next();
    return cosine(
      one,
      draw(next, (other) => other === one || linked[one]?.has(other) === true),
    );
  };
  let [hits, hardHits] = [0, 0];
  for (const pair of held) {
    const turned = stream.below(2) === 1;
    const first = (turned ? jointBaskets.second : jointBaskets.first)[pair] ?? 0;
    const second = (turned ? jointBaskets.first : jointBaskets.second)[pair] ?? 0;
    const isPartner = (product: number) => product === first || linked[first]?.has(product) === true;
    const like = () => draw(() => hardNegative(second, stream), isPartner);
    const link = cosine(first, second);
    positive.push(link);
    random.push(unlinkedPair(uniform));
    randomLinked.push(unlinkedPair(uniformWithLink));
    hard.push(cosine(first, like()));
    const others = (next: () => number) => Array.from({ length: CANDIDATES }, () => cosine(first, next()));
    if (
      isHitAt10(
        link,
        others(() => draw(uniform, isPartner)),
      )
    )
      hits += 1;
    if (isHitAt10(link, others(like))) hardHits += 1;
  }
  return {
    auc: areaUnderCurve(positive, random),
    linkedAuc: areaUnderCurve(positive, randomLinked),
    hardAuc: areaUnderCurve(positive, hard),
    hitAt10: hits / held.length,
    hardHitAt10: hardHits / held.length,
  };
}

/** Partners of each product over all links, held out or not. */
function linkedProducts({ jointBaskets }: ProductEmbeddingsInput): Set<number>[] {
  const linked = Array.from({ length: jointBaskets.products }, () => new Set<number>());
  for (const pair of strongestLinks(jointBaskets)) {
    const [first, second] = [jointBaskets.first[pair] ?? 0, jointBaskets.second[pair] ?? 0];
    linked[first]?.add(second);
    linked[second]?.add(first);
  }
  return linked;
}

/** Draws again while the product is not wanted; in a tiny department there may be no other. */
function draw(next: () => number, isUnwanted: (product: number) => boolean): number {
  let product = next();
  for (let attempt = 1; attempt < ATTEMPTS && isUnwanted(product); attempt += 1) product = next();
  return product;
}
