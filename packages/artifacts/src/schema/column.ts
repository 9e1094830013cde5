/** Number types as Arrow names them, with the typed array that holds a column of them. */
export interface NumberArrays {
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

export type NumberKind = keyof NumberArrays;
export type CodeKind = 'uint8' | 'uint16' | 'uint32';

interface ArrayClass<A> {
  new (length: number): A;
  new (buffer: ArrayBufferLike): A;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
}

/** The typed array class of each number type. */
export const numberArrayTypes: { readonly [K in NumberKind]: ArrayClass<NumberArrays[K]> } = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

export interface NumberType<K extends NumberKind = NumberKind> {
  readonly kind: K;
}
/** True or false; one byte a row in memory, one bit on disk. */
export interface BooleanType {
  readonly kind: 'bool';
}
/** A whole number up to 2^53 in size (a till's basket number): `int64` on disk, `Float64Array` in memory. */
export interface IntegerType {
  readonly kind: 'integer';
}
/** A calendar day: days since 1970-01-01 in an `Int32Array`. */
export interface DateType {
  readonly kind: 'date';
}
export interface TextType {
  readonly kind: 'utf8';
}
/** Text from a small set of values: one code a row. */
export interface DictionaryType<K extends CodeKind = CodeKind> {
  readonly kind: 'dictionary';
  readonly codes: K;
}
/** A vector of `size` numbers in every row: one flat array of `rows * size` numbers. */
export interface FixedSizeListType<K extends NumberKind = NumberKind> {
  readonly kind: 'fixed-size-list';
  readonly of: K;
  readonly size: number;
}
/** Any number of values in a row: row `i` is `values[offsets[i]]` up to `values[offsets[i + 1]]`. */
export interface ListType<K extends NumberKind | 'utf8' = NumberKind | 'utf8'> {
  readonly kind: 'list';
  readonly of: K;
}

export type ColumnType =
  | NumberType
  | BooleanType
  | IntegerType
  | DateType
  | TextType
  | DictionaryType
  | FixedSizeListType
  | ListType;

/** One column of an artifact: its type, and what a reader of the data needs to know about it. */
export interface Column<T extends ColumnType = ColumnType, N extends boolean = boolean> {
  readonly type: T;
  readonly nullable: N;
  /** One sentence for the analyst: what the number means and where it comes from. */
  readonly description: string;
  /** `GBP`, `days`, `share 0-1`, `YYYYWW`; left out where a unit makes no sense. */
  readonly unit?: string;
}

interface Description {
  readonly description: string;
  readonly unit?: string;
}

/** What a column says about itself; `nullable: true` where a value can be missing. */
export type ColumnOptions = Description & { readonly nullable?: boolean };
type IsNullable<O> = O extends { readonly nullable: true } ? true : false;

function define<T extends ColumnType, const O extends ColumnOptions>(
  type: T,
  { description, unit, nullable }: O,
): Column<T, IsNullable<O>> {
  // The literal type of `nullable` follows from O, which TypeScript cannot see through the default.
  const isNullable = (nullable ?? false) as IsNullable<O>;
  return { type, nullable: isNullable, description, ...(unit === undefined ? {} : { unit }) };
}

function number<K extends NumberKind>(kind: K) {
  return <const O extends ColumnOptions>(options: O) => define<NumberType<K>, O>({ kind }, options);
}

/** The column types that an artifact can have. */
export const column = {
  /** 8-bit integers. */
  int8: number('int8'),
  /** 8-bit integers of 0 or more. */
  uint8: number('uint8'),
  /** 16-bit integers. */
  int16: number('int16'),
  /** 16-bit integers of 0 or more. */
  uint16: number('uint16'),
  /** 32-bit integers. */
  int32: number('int32'),
  /** 32-bit integers of 0 or more. */
  uint32: number('uint32'),
  /** Single precision. */
  float32: number('float32'),
  /** Double precision. */
  float64: number('float64'),
  /** Yes or no. */
  bool: <const O extends ColumnOptions>(options: O) => define<BooleanType, O>({ kind: 'bool' }, options),
  /** Whole numbers up to 2^53, 64 bits on disk. */
  integer: <const O extends ColumnOptions>(options: O) =>
    define<IntegerType, O>({ kind: 'integer' }, options),
  /** Days since 1970-01-01. */
  date: <const O extends ColumnOptions>(options: O) => define<DateType, O>({ kind: 'date' }, options),
  /** Text. */
  utf8: <const O extends ColumnOptions>(options: O) => define<TextType, O>({ kind: 'utf8' }, options),
  /** Text that repeats: codes and the values that they stand for. */
  dictionary: <K extends CodeKind, const O extends ColumnOptions>(codes: K, options: O) =>
    define<DictionaryType<K>, O>({ kind: 'dictionary', codes }, options),
  /** As many numbers in every row: a vector. */
  fixedSizeList: <K extends NumberKind, const O extends ColumnOptions>(of: K, size: number, options: O) =>
    define<FixedSizeListType<K>, O>({ kind: 'fixed-size-list', of, size }, options),
  /** Numbers or texts, as many as a row has. */
  list: <K extends NumberKind | 'utf8', const O extends ColumnOptions>(of: K, options: O) =>
    define<ListType<K>, O>({ kind: 'list', of }, options),
};

/** The type as the documentation and the error messages write it: `fixed_size_list<float32>[256]`. */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
      return 'int64';
    case 'date':
      return 'date32';
    case 'dictionary':
      return `dictionary<${type.codes}, utf8>`;
    case 'fixed-size-list':
      return `fixed_size_list<${type.of}>[${type.size}]`;
    case 'list':
      return `list<${type.of}>`;
    default:
      return type.kind;
  }
}

/** Bytes that one row of the column takes in memory; text and lists are estimates. */
export function bytesPerRow(type: ColumnType): number {
  switch (type.kind) {
    case 'bool':
      return 1;
    case 'integer':
      return 8;
    case 'date':
      return 4;
    case 'utf8':
      return 16;
    case 'dictionary':
      return numberArrayTypes[type.codes].BYTES_PER_ELEMENT;
    case 'fixed-size-list':
      return numberArrayTypes[type.of].BYTES_PER_ELEMENT * type.size;
    case 'list':
      return 64;
    default:
      return numberArrayTypes[type.kind].BYTES_PER_ELEMENT;
  }
}
