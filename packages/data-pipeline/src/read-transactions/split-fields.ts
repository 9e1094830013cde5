const QUOTE = '"';

/**
 * The fields of one line, quotes removed. A field may be quoted (a quote inside is doubled) or bare; blanks before an
 * opening quote are dropped. Undefined where a quote is not closed or text follows a closing quote.
 */
export function splitFields(line: string): string[] | undefined {
  if (!line.includes(QUOTE)) return line.split(',');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let start = at;
    while (line[start] === ' ') start += 1;
    if (line[start] === QUOTE) {
      const closed = readQuoted(line, start + 1);
      if (closed === undefined) return undefined;
      fields.push(closed.text);
      at = closed.end;
      while (line[at] === ' ') at += 1;
      if (at < line.length && line[at] !== ',') return undefined;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      fields.push(line.slice(at, end));
      at = end;
    }
    if (at >= line.length) return fields;
    at += 1;
  }
}

function readQuoted(line: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  let at = from;
  for (;;) {
    const quote = line.indexOf(QUOTE, at);
    if (quote < 0) return undefined;
    text += line.slice(at, quote);
    if (line[quote + 1] !== QUOTE) return { text, end: quote + 1 };
    text += QUOTE;
    at = quote + 2;
  }
}
