// The spectral embedding: positive pointwise mutual information of products in baskets, factorised (spec section 3,
// layer 3; Levy and Goldberg 2014).

import { PRODUCT_EMBEDDING_SIZE } from '../schemas/product-embeddings.js';
import { type JointBaskets, lifts } from './joint-baskets.js';
import { type LeadingEigenvectors, leadingEigenvectors } from './leading-eigenvectors.js';
import { type SymmetricMatrix, symmetricMatrix } from './symmetric-matrix.js';

/** Iterations from a random start (spec), and from the vectors of nearly the same matrix. */
const ITERATIONS = 4;
const ITERATIONS_FROM_START = 1;

export interface SpectralEmbedding {
  /** U sqrt(sigma), not normalised: `[P, 256]`, row-major; dimension k is the k-th strongest component. */
  readonly vectors: Float64Array;
  /** 1 where the product has a partner, `[P]`; the vectors of the others are zero. */
  readonly known: Uint8Array;
  /** What a fit of nearly the same pairs can start from. */
  readonly eigenvectors: LeadingEigenvectors;
}

export interface SpectralOptions {
  readonly seed: number;
  /** Pairs to leave out, by place in the list of pairs. */
  readonly leaveOut?: Uint8Array;
  readonly start?: LeadingEigenvectors;
}

export function spectralEmbedding(jointBaskets: JointBaskets, options: SpectralOptions): SpectralEmbedding {
  const { seed, leaveOut, start } = options;
  const matrix = positiveInformation(jointBaskets, leaveOut);
  const eigenvectors = leadingEigenvectors(matrix, {
    rank: PRODUCT_EMBEDDING_SIZE,
    seed,
    iterations: start === undefined ? ITERATIONS : ITERATIONS_FROM_START,
    ...(start === undefined ? {} : { start }),
  });
  const scale = eigenvectors.values.map((value) => Math.sqrt(Math.abs(value)));
  const known = new Uint8Array(matrix.size);
  const vectors = new Float64Array(eigenvectors.vectors.length);
  for (let product = 0; product < matrix.size; product += 1) {
    if (matrix.offsets[product] === matrix.offsets[product + 1]) continue;
    known[product] = 1;
    const from = product * PRODUCT_EMBEDDING_SIZE;
    for (let k = 0; k < PRODUCT_EMBEDDING_SIZE; k += 1) {
      vectors[from + k] = (eigenvectors.vectors[from + k] ?? 0) * (scale[k] ?? 0);
    }
  }
  return { vectors, known, eigenvectors };
}

/**
 * The vectors of a fit as a function of what is known about each product: row u is sum over v of M(u, v) times this,
 * so that a pair can be taken out of the vectors of its two products without another fit. `[P, 256]`, row-major.
 */
export function spectralProjection({ eigenvectors }: SpectralEmbedding): Float64Array {
  const { values, vectors, rank } = eigenvectors;
  // M V = V diag(lambda), so M V diag(sign(lambda) / sqrt|lambda|) = V diag(sqrt|lambda|).
  const scale = values.map((value) => (value === 0 ? 0 : Math.sign(value) / Math.sqrt(Math.abs(value))));
  return vectors.map((value, at) => value * (scale[at % rank] ?? 0));
}

/** M: ln(lift) where a pair is bought together more often than by chance, else 0; `[P, P]`, zero diagonal. */
export function positiveInformation(
  jointBaskets: JointBaskets,
  leaveOut: Uint8Array | undefined,
): SymmetricMatrix {
  const information = lifts(jointBaskets).map((lift, pair) =>
    lift > 1 && leaveOut?.[pair] !== 1 ? Math.log(lift) : 0,
  );
  return symmetricMatrix(jointBaskets.products, jointBaskets.first, jointBaskets.second, information);
}
