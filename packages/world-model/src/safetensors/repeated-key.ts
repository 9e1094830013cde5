/**
 * The first key that an object of a JSON text has twice; `JSON.parse` keeps the last of them without a word.
 * `json` must be valid JSON.
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = []; // keys seen, by depth; arrays have none
  // A text and what follows it, or a bracket: nothing else matters, and texts may hold brackets.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const key = String(JSON.parse(token.slice(0, -1)));
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
