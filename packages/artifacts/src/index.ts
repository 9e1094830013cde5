export { type Fingerprint, fingerprint, sameContents } from './manifest/fingerprint.js';
export { fingerprintInputs, manifestPath, sameInputs } from './manifest/inputs.js';
export {
  contentsId,
  findManifest,
  MANIFEST_FILE,
  type Manifest,
  type ManifestInput,
  type ManifestOutput,
  type ManifestUpstream,
  manifestSchema,
  readManifest,
  resultId,
  writeManifest,
} from './manifest/manifest.js';
export { TOOL_VERSION } from './manifest/tool-version.js';
export { type Upstream, type UpstreamRequirements, verifyUpstream } from './manifest/verify-upstream.js';
export { wasCutShort } from './publish/commit-journal.js';
export { type FolderLock, lockFolder } from './publish/lock-folder.js';
export { openStage, type Stage, type StageRecord } from './publish/open-stage.js';
export { publishFile } from './publish/publish-file.js';
export { makeScratchFolder } from './publish/scratch-folder.js';
export * from './schema/index.js';
export { arrowSchema } from './table/arrow-schema.js';
export { concatBatches } from './table/concat-batches.js';
export { describeTable, type ReadTableOptions, readTable, readWholeTable } from './table/read-table.js';
export { batchFromRows, rowsOf } from './table/rows.js';
export { sliceBatch } from './table/slice-batch.js';
export { type WriteTableOptions, type WrittenTable, writeTable } from './table/write-table.js';
export {
  openTensors,
  type ReadTensorsOptions,
  readTensors,
  type TensorFile,
} from './tensors/open-tensors.js';
export { type WriteTensorsOptions, type WrittenTensors, writeTensors } from './tensors/write-tensors.js';
