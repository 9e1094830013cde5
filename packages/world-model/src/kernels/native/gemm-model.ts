// An ONNX model of one node, `Y = op(A) op(B) + C`, written out as protocol buffer bytes: the field numbers are those of
// onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, ValueInfoProto, TypeProto).

export interface GemmForm {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: boolean;
}

const IR_VERSION = 8;
const OPSET_VERSION = 17;
const FLOAT = 1;
const ATTRIBUTE_INT = 2;

/** The model with inputs A, B and, with a bias, C; all sizes are free. */
export function gemmModel({ transposeA, transposeB, bias }: GemmForm): Uint8Array {
  const inputs = bias ? ['A', 'B', 'C'] : ['A', 'B'];
  const node = [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, 'Y'),
    ...text(4, 'Gemm'),
    ...message(5, integerAttribute('transA', transposeA ? 1 : 0)),
    ...message(5, integerAttribute('transB', transposeB ? 1 : 0)),
  ];
  const graph = [
    ...message(1, node),
    ...text(2, 'gemm'),
    ...inputs.flatMap((name) => message(11, valueInfo(name, name === 'C' ? 1 : 2))),
    ...message(12, valueInfo('Y', 2)),
  ];
  return Uint8Array.from([
    ...integer(1, IR_VERSION),
    ...message(7, graph),
    ...message(8, [...text(1, ''), ...integer(2, OPSET_VERSION)]),
  ]);
}

function integerAttribute(name: string, value: number): number[] {
  return [...text(1, name), ...integer(3, value), ...integer(20, ATTRIBUTE_INT)];
}

/** A float tensor of `rank` axes of free length. */
function valueInfo(name: string, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => message(1, text(2, `${name}${axis}`))).flat();
  const tensorType = [...integer(1, FLOAT), ...message(2, axes)];
  return [...text(1, name), ...message(2, message(1, tensorType))];
}

function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function message(field: number, content: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}

function text(field: number, content: string): number[] {
  return message(field, [...Buffer.from(content)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}
