/** A text as an SQL literal. Every text that gets into a query passes here. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column or table name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A list of texts as an SQL list literal. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`;
}

/** Rows of a Parquet file as a table expression. */
export function parquet(path: string): string {
  return `read_parquet(${literal(path)})`;
}
