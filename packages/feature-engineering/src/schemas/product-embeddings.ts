import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';

/** Length of a product embedding. */
export const PRODUCT_EMBEDDING_SIZE = 256;

/** Layer 3. Ascending by `product_id`. */
export const productEmbeddings = defineTable({
  name: 'product embeddings',
  file: 'product_embeddings.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One unit vector per product of the data, learned from the graph and the baskets of the fit window (spec section 3, layer 3).',
  columns: {
    product_id: column.utf8({ description: 'Product code.' }),
    embedding: column.fixedSizeList('float32', PRODUCT_EMBEDDING_SIZE, {
      description: 'Vector of norm 1; all zeros only where `source` is none.',
    }),
    source: column.dictionary('uint8', {
      description:
        'Where the vector comes from: graphsage or spectral; for products without a vector of their own the mean of their pseudo_brand, sub_commodity, commodity, sub_department, department or of all products; none.',
    }),
  },
});

/** Layer 3. Ascending by level, then code; the last row is the mean of all products. */
export const hierarchyEmbeddings = defineTable({
  name: 'hierarchy embeddings',
  file: 'hierarchy_embeddings.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One unit vector per category: what a product that nobody has bought yet gets (spec section 4, 3.2). Normalised means of the products below.',
  columns: {
    level: column.dictionary('uint8', {
      description: 'sub_commodity, commodity, sub_department, department or all.',
    }),
    code: column.utf8({ description: 'Category code; ALL for the mean of all products.' }),
    products: column.int32({ description: 'Products with a vector of their own below.', unit: 'products' }),
    embedding: column.fixedSizeList('float32', PRODUCT_EMBEDDING_SIZE, { description: 'Vector of norm 1.' }),
  },
});
