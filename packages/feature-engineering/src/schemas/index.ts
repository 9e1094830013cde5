export {
  CUSTOMER_EMBEDDING_SIZE,
  CUSTOMER_HISTORY_SIZE,
  CUSTOMER_STATISTICS_SIZE,
  customerEmbeddings,
  customerStates,
} from './customer-states.js';
export { priceFeatures } from './price-features.js';
export { hierarchyEmbeddings, PRODUCT_EMBEDDING_SIZE, productEmbeddings } from './product-embeddings.js';
export { pseudoBrands } from './pseudo-brands.js';
export { STORE_EMBEDDING_BLOCKS, STORE_EMBEDDING_SIZE, storeFeatures } from './store-features.js';
