export {
  computeProductEmbeddings,
  EMBEDDINGS,
  type Embedding,
  type ProductEmbeddingsOptions,
  type ProductEmbeddingsResult,
} from './compute-product-embeddings.js';
export { type EmbeddingNorms, embeddingNorms } from './describe/embedding-norms.js';
export { type NearProduct, nearestProducts } from './describe/nearest-products.js';
export { type MapProduct, type ProductMap, productMap, productMapSvg } from './describe/product-map.js';
export {
  CONTENDERS,
  type ComparisonOptions,
  type Contender,
  type ContenderScores,
  scoreContender,
} from './evaluation/compare-embeddings.js';
export type { LinkScores } from './evaluation/held-out-links.js';
export {
  type EmbeddingInputChoice,
  type EmbeddingProduct,
  type ProductEmbeddingsInput,
  readEmbeddingInput,
} from './read-embedding-input.js';
