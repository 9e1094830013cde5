import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { writeStateDict } from '@retail-sim/world-model';
import { loadWeights } from '../checkpoint/checkpoint.js';

export interface ExportedModel {
  readonly folder: string;
  readonly files: readonly string[];
  readonly tensors: number;
  readonly elements: number;
}

/**
 * Writes the weights of a checkpoint as a state dict under the names that PyTorch knows, the configuration, and how to
 * load them.
 *
 * @throws InputError for a damaged checkpoint
 */
export async function exportModel(checkpoint: string, folder: string): Promise<ExportedModel> {
  const { state, model } = await loadWeights(checkpoint);
  const text = (name: string, content: string) =>
    publishFile(join(folder, name), (path) => writeFile(path, content));
  await publishFile(join(folder, 'model.safetensors'), (path) => writeStateDict(path, model));
  const { training, step, metrics } = state;
  await text('config.json', `${JSON.stringify({ model: state.model, training, step, metrics }, null, 2)}\n`);
  await text('load_weights.py', RECIPE);
  return {
    folder,
    files: ['model.safetensors', 'config.json', 'load_weights.py'],
    tensors: model.size,
    elements: [...model.values()].reduce((sum, { data }) => sum + data.length, 0),
  };
}

/** Names and shapes are those of the reference's modules; what the corrected mode adds is told apart. */
const RECIPE = `"""Loads the weights into a PyTorch model of the reference's structure.

    pip install torch safetensors
    model.load_state_dict(reference_weights("model.safetensors"))
"""
from safetensors.torch import load_file

ADDED = ("mask_embedding", "eos_embedding", "repeat_head.", "final_norm.")


def reference_weights(path):
    """Tensors that the reference has too; the rest belongs to the corrected mode."""
    return {name: value for name, value in load_file(path).items() if not name.startswith(ADDED)}


if __name__ == "__main__":
    for name, value in load_file("model.safetensors").items():
        print(f"{name:60} {tuple(value.shape)}")
`;
