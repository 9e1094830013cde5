/** A product with its four category codes, level 1 (sub-commodity) to 4 (department). */
export interface ProductCategories {
  readonly product: number;
  readonly id: string;
  readonly categories: readonly [string | null, string | null, string | null, string | null];
}

export interface CategoryNode {
  readonly id: string;
  readonly level: 1 | 2 | 3 | 4;
}

export interface HierarchyEdge {
  readonly child: string;
  readonly parent: string;
  readonly weight: number;
  /** Level of the parent. */
  readonly distance: 1 | 2 | 3 | 4;
}

/** Weight of the edge up to each level (spec section 2 §2.6). */
const LEVELS = [
  { level: 1, weight: 1 },
  { level: 2, weight: 0.5 },
  { level: 3, weight: 0.25 },
  { level: 4, weight: 0.125 },
] as const;

export interface Hierarchy {
  readonly nodes: readonly CategoryNode[];
  readonly edges: readonly HierarchyEdge[];
  /** Node id of each level of a product. */
  readonly nodeId: (level: number, code: string) => string;
}

/**
 * The taxonomy above the products: nodes by level, each in order of first appearance over the products, and edges from
 * child to parent. A code on two levels is two categories (PG-10): the higher one gets its level in front. The
 * reference has one name space: a code is a node of the first level that has it.
 */
export function buildHierarchy(products: readonly ProductCategories[], compat: boolean): Hierarchy {
  const firstLevel = new Map<string, number>();
  const nodes: CategoryNode[] = [];
  const seen = new Set<string>();
  for (const { level } of LEVELS) {
    for (const { categories } of products) {
      const code = categories[level - 1];
      if (code === null || code === undefined) continue;
      if (!firstLevel.has(code)) firstLevel.set(code, level);
      const id = nodeId(level, code);
      if (seen.has(id)) continue;
      seen.add(id);
      nodes.push({ id, level });
    }
  }
  function nodeId(level: number, code: string): string {
    return compat || firstLevel.get(code) === level ? code : `L${level}:${code}`;
  }
  const edges: HierarchyEdge[] = [];
  const linked = new Set<string>();
  for (const { id, categories } of products) {
    for (const { level, weight } of LEVELS) {
      const below = level === 1 ? id : categories[level - 2];
      const above = categories[level - 1];
      if (below === null || below === undefined || above === null || above === undefined) continue;
      const child = level === 1 ? below : nodeId(level - 1, below);
      const parent = nodeId(level, above);
      const key = `${child}\0${parent}`;
      if (linked.has(key) || child === parent) continue;
      linked.add(key);
      edges.push({ child, parent, weight, distance: level });
    }
  }
  return { nodes, edges, nodeId };
}
