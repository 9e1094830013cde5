export {
  calendarEntities,
  categoryPriceEntities,
  customerEntities,
  customerStateEntities,
  customerTimelines,
  PRIOR_SOURCES,
  priceEntities,
  productEntities,
  storeEntities,
} from './entities.js';
export { TENSORS_VERSION, type TensorsManifest, tensorsManifestSchema } from './manifest.js';
export {
  pairTables,
  sampleTables,
  testPairs,
  testTensors,
  trainPairs,
  trainTensors,
  valPairs,
  valTensors,
} from './samples.js';
export { SPLITS, type SplitName } from './splits.js';
