import * as tf from '@tensorflow/tfjs';

/** Types of attributes in TensorFlow's C interface. */
interface AttributeTypes {
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  /** The element type float32, a value of `TF_ATTR_TYPE`. */
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
}

interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean;
}

/** What the kernels use of the backend that TensorFlow.js's Node binding registers. */
interface NodeBackend {
  readonly binding: AttributeTypes;
  readonly executeMultipleOutputs: (
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ) => tf.Tensor[];
}

export type Attribute =
  | { readonly name: string; readonly int: number }
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly bool: boolean }
  | { readonly name: string; readonly dtype: 'float32' | 'int32' };

/** Runs an op of TensorFlow, by its name there, on the current backend. */
export type RunOp = (
  op: string,
  inputs: readonly tf.TensorInfo[],
  attributes: readonly Attribute[],
  outputs: number,
) => tf.Tensor[];

/** @throws Error when the current backend is not TensorFlow */
export function tensorflowOps(): RunOp {
  const backend: unknown = tf.backend();
  if (!isNodeBackend(backend)) throw new Error(`the backend '${tf.getBackend()}' runs no ops of TensorFlow`);
  return (op, inputs, attributes, outputs) =>
    backend.executeMultipleOutputs(
      op,
      attributes.map((attribute) => opAttribute(backend.binding, attribute)),
      inputs,
      outputs,
    );
}

function opAttribute(types: AttributeTypes, attribute: Attribute): OpAttribute {
  const { name } = attribute;
  if ('int' in attribute) return { name, type: types.TF_ATTR_INT, value: attribute.int };
  if ('float' in attribute) return { name, type: types.TF_ATTR_FLOAT, value: attribute.float };
  if ('bool' in attribute) return { name, type: types.TF_ATTR_BOOL, value: attribute.bool };
  const dtype = attribute.dtype === 'float32' ? types.TF_FLOAT : types.TF_INT32;
  return { name, type: types.TF_ATTR_TYPE, value: dtype };
}

function isNodeBackend(backend: unknown): backend is NodeBackend {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'binding' in backend &&
    'executeMultipleOutputs' in backend &&
    typeof backend.executeMultipleOutputs === 'function'
  );
}
