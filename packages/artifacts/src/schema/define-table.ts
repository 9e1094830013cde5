import type {
  BooleanType,
  CodeKind,
  Column,
  ColumnType,
  DateType,
  DictionaryType,
  FixedSizeListType,
  IntegerType,
  ListType,
  NumberArrays,
  NumberKind,
  NumberType,
  TextType,
} from './column.js';

export type Columns = Readonly<Record<string, Column>>;

/**
 * One artifact on disk, defined once: the Arrow schema, the TypeScript types, the reader's check, the writer and the
 * page in `docs/artifacts.md` all come from it.
 */
export interface TableDefinition<C extends Columns = Columns> {
  /** `prices`: the name that messages and documentation use. */
  readonly name: string;
  /** `prices_derived.parquet` (a table) or `entities/products.arrow` (tensors), inside the folder of the stage. */
  readonly file: string;
  /** The command that makes it again, as the user types it: `retail-data-pipeline`. */
  readonly madeBy: string;
  /** Counts up when the columns or their meaning change: a reader refuses another version. */
  readonly version: number;
  /** What one row is, and where it comes from. */
  readonly description: string;
  readonly columns: C;
}

/** Defines an artifact. The definition is plain data: importing a schema starts no engine. */
export function defineTable<const C extends Columns>(definition: TableDefinition<C>): TableDefinition<C> {
  return definition;
}

export interface DictionaryData<K extends CodeKind = CodeKind> {
  /** Index into `values`, one a row. */
  readonly codes: NumberArrays[K];
  readonly values: readonly string[];
}

export interface ListData<K extends NumberKind | 'utf8' = NumberKind | 'utf8'> {
  /** `[rows + 1]`, rising, starting at 0. */
  readonly offsets: Int32Array;
  readonly values: K extends NumberKind ? NumberArrays[K] : readonly string[];
}

/** A column with missing values: `valid[i]` is 1 where row `i` has a value; `data` there is any value of the type. */
export interface NullableData<D> {
  readonly data: D;
  readonly valid: Uint8Array;
}

/** How a column of one type lies in memory. */
export type TypeData<T extends ColumnType> =
  T extends DictionaryType<infer K>
    ? DictionaryData<K>
    : T extends FixedSizeListType<infer K>
      ? NumberArrays[K]
      : T extends ListType<infer K>
        ? ListData<K>
        : T extends TextType
          ? readonly string[]
          : T extends BooleanType
            ? Uint8Array
            : T extends IntegerType
              ? Float64Array
              : T extends DateType
                ? Int32Array
                : T extends NumberType<infer K>
                  ? NumberArrays[K]
                  : never;

export type ColumnData<C extends Column> =
  C extends Column<infer T, infer N> ? (N extends true ? NullableData<TypeData<T>> : TypeData<T>) : never;

/** Rows of a table, column by column: what readers yield and writers take. */
export interface Batch<C extends Columns = Columns> {
  readonly rows: number;
  readonly columns: { readonly [K in keyof C]: ColumnData<C[K]> };
}

/** The batches of a table: `BatchOf<typeof prices>`. */
export type BatchOf<T extends TableDefinition> = Batch<T['columns']>;

/** One value, as tests and small tables write it. */
export type Value<C extends Column> =
  C extends Column<infer T, infer N> ? (N extends true ? TypeValue<T> | null : TypeValue<T>) : never;

export type TypeValue<T extends ColumnType> = T extends FixedSizeListType
  ? ArrayLike<number>
  : T extends ListType<infer K>
    ? K extends NumberKind
      ? ArrayLike<number>
      : readonly string[]
    : T extends TextType | DictionaryType
      ? string
      : T extends BooleanType
        ? boolean
        : number;

/** One row as an object, for tests, small tables and output; never on hot paths. */
export type Row<C extends Columns = Columns> = { readonly [K in keyof C]: Value<C[K]> };
export type RowOf<T extends TableDefinition> = Row<T['columns']>;
