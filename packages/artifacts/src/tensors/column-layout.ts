import type { ColumnType } from '../schema/column.js';
import type { Columns } from '../schema/define-table.js';

/** Which buffers and which null count of a record batch belong to a column, in Arrow's depth-first order. */
export interface ColumnLayout {
  readonly node: number;
  readonly validity: number;
  /** Of lists and text. */
  readonly offsets: number;
  readonly values: number;
  /** Buffers of the strings inside a list of text. */
  readonly innerOffsets: number;
}

const NONE = -1;

interface Shape {
  readonly nodes: number;
  readonly buffers: number;
  readonly layout: (node: number, buffer: number) => ColumnLayout;
}

const flat: Shape = {
  nodes: 1,
  buffers: 2,
  layout: (node, buffer) => ({
    node,
    validity: buffer,
    offsets: NONE,
    values: buffer + 1,
    innerOffsets: NONE,
  }),
};
const text: Shape = {
  nodes: 1,
  buffers: 3,
  layout: (node, buffer) => ({
    node,
    validity: buffer,
    offsets: buffer + 1,
    values: buffer + 2,
    innerOffsets: NONE,
  }),
};
const vectors: Shape = {
  nodes: 2,
  buffers: 3,
  layout: (node, buffer) => ({
    node,
    validity: buffer,
    offsets: NONE,
    values: buffer + 2,
    innerOffsets: NONE,
  }),
};
const lists: Shape = {
  nodes: 2,
  buffers: 4,
  layout: (node, buffer) => ({
    node,
    validity: buffer,
    offsets: buffer + 1,
    values: buffer + 3,
    innerOffsets: NONE,
  }),
};
const textLists: Shape = {
  nodes: 2,
  buffers: 5,
  layout: (node, buffer) => ({
    node,
    validity: buffer,
    offsets: buffer + 1,
    values: buffer + 4,
    innerOffsets: buffer + 3,
  }),
};

function shapeOf(type: ColumnType): Shape {
  switch (type.kind) {
    case 'utf8':
      return text;
    case 'fixed-size-list':
      return vectors;
    case 'list':
      return type.of === 'utf8' ? textLists : lists;
    default:
      return flat;
  }
}

/** The layout of every column, for a file whose columns come in the order of the schema. */
export function columnLayouts(columns: Columns): ReadonlyMap<string, ColumnLayout> {
  const layouts = new Map<string, ColumnLayout>();
  let node = 0;
  let buffer = 0;
  for (const [name, { type }] of Object.entries(columns)) {
    const shape = shapeOf(type);
    layouts.set(name, shape.layout(node, buffer));
    node += shape.nodes;
    buffer += shape.buffers;
  }
  return layouts;
}
