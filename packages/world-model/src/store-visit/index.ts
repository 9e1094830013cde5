export {
  resolveStoreVisitConfig,
  type StoreVisitConfig,
  storeVisitConfigSchema,
} from './store-visit-config.js';
export { type StoreVisitArrays, type StoreVisitInputs, storeVisitInputs } from './store-visit-inputs.js';
export { createStoreVisitModel, type StoreVisitModel } from './store-visit-model.js';
