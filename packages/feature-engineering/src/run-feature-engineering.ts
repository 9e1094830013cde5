// The whole stage: check what it reads, run the layers that are out of date, publish everything together.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  contentsId,
  type Manifest,
  openStage,
  type Stage,
  TOOL_VERSION,
  type Upstream,
} from '@retail-sim/artifacts';
import { type Log, type Progress, readResources } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { LAYERS, type Layer, type LayerContext, type LayerResult } from './layers.js';
import type { FeatureEngineeringOptions, LayerNumber } from './options.js';
import { openProcessed } from './read-processed/open-processed.js';
import { MADE_BY } from './schemas/made-by.js';

/** What a layer did, for the table at the end and the manifest. */
export interface LayerReport {
  readonly layer: LayerNumber;
  readonly name: string;
  readonly status: 'done' | 'kept' | 'skipped';
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Highest resident memory of the process so far, bytes. */
  readonly peakBytes: number;
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface FeatureEngineeringResult {
  readonly folder: string;
  readonly layers: readonly LayerReport[];
  readonly split: string;
  readonly fitThroughWeek: number;
  readonly warnings: readonly string[];
}

/**
 * Runs the layers asked for, in order. A layer whose inputs and parameters have not changed is not run again. Nothing
 * is published before every layer is complete.
 *
 * @throws InputError when the data pipeline has not run, is out of date, or was run in another mode, split or row limit;
 *   when a layer needs one that has not run
 */
export async function runFeatureEngineering(
  options: FeatureEngineeringOptions,
  surroundings: { readonly log: Log; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<FeatureEngineeringResult> {
  const { log, signal } = surroundings;
  const { pipeline, split } = await openProcessed(options);
  await using stage = await openStage(options.features, MADE_BY);
  const made = new Map<string, string>();
  const context: LayerContext = {
    ...surroundings,
    options,
    pipeline,
    split,
    stage: remembering(stage, made),
    path: (table) => made.get(table.file) ?? join(options.features, table.file),
  };
  const warnings: string[] = [];
  const keys = layerKeys(options, pipeline);
  const available = new Map<LayerNumber, LayerReport>();
  const reports: LayerReport[] = [];
  const fitted: Record<string, LayerResult['fitted'] & object> = {};

  for (const layer of LAYERS) {
    signal.throwIfAborted();
    const started = readResources();
    const wanted = options.layers.includes(layer.number);
    const report = (status: LayerReport['status'], { rows, counts }: LayerResult): LayerReport => {
      const made: LayerReport = {
        layer: layer.number,
        name: layer.name,
        status,
        ...readResources(started),
        rows,
        counts,
      };
      reports.push(made);
      return made;
    };
    if (!(wanted && options.force) && (await keepLayer(stage, layer, keys))) {
      Object.assign(fitted, fittedBefore(stage, layer));
      available.set(layer.number, report('kept', resultBefore(stage, layer)));
    } else if (wanted) {
      refuseWithout(layer, available, options.features);
      const result = await layer.run(context);
      if (result.fitted !== undefined) fitted[layer.name] = result.fitted;
      available.set(layer.number, report('done', result));
    } else {
      report('skipped', { rows: 0, counts: {} });
      if (wasMade(stage, layer)) {
        const warning = `layer ${layer.number} (${layer.name}) was out of date and is left out; run it with --layers ${layer.number}`;
        warnings.push(warning);
        log.warn(warning);
      }
    }
  }
  await stage.commit({
    mode: options.mode,
    parameters: {
      ...parametersOf(options, pipeline),
      keys: Object.fromEntries([...available.keys()].map((layer) => [String(layer), keys.get(layer) ?? ''])),
      fitted: JSON.parse(JSON.stringify(fitted)),
    },
    seed: options.seed,
    fitThroughWeek: split.fitThroughShopWeek,
    split: pipeline.manifest.split,
    inputs: [],
    upstream: [pipeline.link(options.features)],
    rejects: null,
    counts: Object.fromEntries(
      [...available.values()].flatMap(({ name, rows, counts }) =>
        Object.entries({ rows, ...counts }).map(([count, value]) => [`${name}.${count}`, value]),
      ),
    ),
  });
  return {
    folder: options.features,
    layers: reports,
    split: split.rule,
    fitThroughWeek: split.fitThroughShopWeek,
    warnings,
  };
}

/** A key changes when the layer would make something else. */
function layerKeys(
  options: FeatureEngineeringOptions,
  { manifest }: Upstream,
): ReadonlyMap<LayerNumber, string> {
  const keys = new Map<LayerNumber, string>();
  for (const layer of LAYERS) {
    const schemas = layer.tables.map(({ name, version }) => `${name} ${version}`);
    const needs = layer.needs.map((needed) => keys.get(needed));
    const parameters = layer.parameters(options);
    const text = JSON.stringify([
      TOOL_VERSION,
      options.mode,
      contentsId(manifest),
      manifest.fitThroughWeek,
      schemas,
      needs,
      parameters,
    ]);
    keys.set(layer.number, createHash('sha256').update(text).digest('hex').slice(0, 16));
  }
  return keys;
}

/** Takes over the outputs of a layer if the last run made them from the same inputs with the same parameters. */
async function keepLayer(
  stage: Stage,
  layer: Layer,
  keys: ReadonlyMap<LayerNumber, string>,
): Promise<boolean> {
  const before: unknown = stage.previous?.parameters['keys'];
  const key =
    typeof before === 'object' && before !== null ? Reflect.get(before, String(layer.number)) : undefined;
  if (key !== keys.get(layer.number)) return false;
  for (const { file } of layer.tables) if (!(await stage.keep(file))) return false;
  return true;
}

const wasMade = (stage: Stage, layer: Layer): boolean =>
  layer.tables.some(({ file }) => stage.previous?.outputs[file] !== undefined);

function resultBefore(stage: Stage, { name }: Layer): LayerResult {
  const own = Object.entries(stage.previous?.counts ?? {}).filter(([count]) => count.startsWith(`${name}.`));
  const { rows = 0, ...counts } = Object.fromEntries(
    own.map(([count, value]) => [count.slice(name.length + 1), value]),
  );
  return { rows, counts };
}

function fittedBefore(stage: Stage, { name }: Layer): Record<string, object> {
  const before: unknown = stage.previous?.parameters['fitted'];
  const own: unknown = typeof before === 'object' && before !== null ? Reflect.get(before, name) : undefined;
  return typeof own === 'object' && own !== null ? { [name]: own } : {};
}

function refuseWithout(layer: Layer, available: ReadonlyMap<LayerNumber, LayerReport>, folder: string): void {
  const missing = layer.needs.filter((needed) => !available.has(needed));
  if (missing.length === 0) return;
  throw new InputError({
    what: `layer ${layer.number} (${layer.name}) reads layer ${missing.join(' and ')}, which has not run for these data`,
    where: { file: folder },
    remedy: `run both: --layers ${[...missing, layer.number].join(',')}`,
  });
}

/** Remembers where outputs lie until they are published. */
function remembering(stage: Stage, made: Map<string, string>): LayerContext['stage'] {
  return {
    folder: stage.folder,
    async table(table, batches, options) {
      const written = await stage.table(table, batches, options);
      made.set(table.file, written.path);
      return written;
    },
  };
}

function parametersOf(options: FeatureEngineeringOptions, { manifest }: Upstream): Manifest['parameters'] {
  const { layers, tierLimits, substitutionThreshold, priceScalars, embedding, device } = options;
  return {
    nrows: manifest.parameters['nrows'] ?? null,
    layers: [...layers],
    tierLimits: { ...tierLimits },
    substitutionThreshold,
    priceScalars,
    embedding,
    device,
    /** Layers 4 and 5 project with fixed random weights: a baseline, not something learned (spec section 3, CH-4). */
    untrained: ['customer-history', 'store-context'],
  };
}
