import type { OpenTensors } from '@retail-sim/tensor-preparation';
import type { StateDict } from '@retail-sim/world-model';

const PRODUCT_BIAS = 'output_heads.product_head.3.bias';
const SIMILARITY_WEIGHT = 'repeat_head.similarity.weight';

/**
 * Values that training would find anyway and spends its first epoch on: the bias of the product head starts at the log
 * popularity of the training split, the comparison with earlier baskets starts at what they share.
 */
export function initialiseHeads(state: StateDict, tensors: OpenTensors): StateDict {
  const started = new Map(state);
  const bias = state.get(PRODUCT_BIAS);
  if (bias !== undefined)
    started.set(PRODUCT_BIAS, { ...bias, data: logPopularity(tensors, bias.data.length) });
  const similarity = state.get(SIMILARITY_WEIGHT);
  if (similarity !== undefined) {
    // Share of the visible products, and Jaccard index.
    const data = similarity.data.map((_, feature) => (feature < 2 ? 1 : 0));
    started.set(SIMILARITY_WEIGHT, { ...similarity, data });
  }
  return started;
}

/** ln of the share of training items that are each product, smoothed by one item; 0 for all other classes. */
function logPopularity({ tables, manifest }: OpenTensors, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  const { products } = manifest.vocab;
  const first = manifest.split.firstRow.train;
  let total = 0;
  for (let row = first; row < first + manifest.split.baskets.train; row++) {
    for (const token of tables.samples.tokens(row)) {
      counts[token] = (counts[token] ?? 0) + 1;
      total++;
    }
  }
  return Float32Array.from(counts, (count, token) =>
    token >= 1 && token <= products ? Math.log((count + 1) / (total + products)) : 0,
  );
}
