import { formatNumber, formatTable } from '@retail-sim/cli';
import type { GraphDescription } from './describe-graph.js';
import type { Description, Figures } from './describe-processed.js';

/** The description as text for a terminal. */
export function descriptionText(description: Description): string {
  const { data, prices, graph, affinity, missions } = description;
  const header = `${description.folder}: mode ${description.mode}, split ${description.split ?? 'none'}, fitted through ${description.fitThroughWeek ?? 'every week'}`;
  const parts = [
    header,
    section('Data', figures(data)),
    section('Shares without a value', figures(description.nullShares)),
    description.rejects.length > 0 ? section('Rejected rows', list(description.rejects)) : '',
    section('Top stores by spend, GBP', list(description.topStores)),
    prices === null
      ? ''
      : section('Prices, GBP per unit', figures(prices.summary), list(prices.methods), list(prices.flags)),
    graph === null ? '' : section('Product graph', figures(graphFigures(graph))),
    affinity === null ? '' : section('Customer-store affinity', figures(affinity)),
    missions === null ? '' : section('Mission patterns', figures(missions)),
  ];
  return `${parts.filter((part) => part !== '').join('\n')}`;
}

function section(title: string, ...tables: readonly string[]): string {
  return `\n${title}\n${tables.filter((table) => table !== '').join('\n')}`;
}

/** One line a figure. */
function figures(row: Figures): string {
  return formatTable(
    [{ title: 'what' }, { title: 'value', align: 'right' }],
    Object.entries(row).map(([name, value]) => [words(name), shown(name, value)]),
  );
}

/** One line a row; nothing for no rows. */
function list(rows: readonly Figures[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  return formatTable(
    Object.entries(first).map(([name, value]) => ({
      title: words(name),
      align: typeof value === 'number' ? 'right' : 'left',
    })),
    rows.map((row) => Object.entries(row).map(([name, value]) => shown(name, value))),
  );
}

const words = (name: string) => name.replaceAll('_', ' ');

function shown(name: string, value: number | string | null): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  // Weeks are labels, not amounts.
  if (/week$/.test(name)) return String(value);
  return formatNumber(value, Number.isInteger(value) ? 0 : 4);
}

function graphFigures({ edges, edgeTypes, ...graph }: GraphDescription): Figures {
  const { copurchase, substitution } = edgeTypes;
  return {
    products: graph.products,
    categories: graph.categories,
    copurchase_edges: edges.copurchase,
    substitution_edges: edges.substitution,
    hierarchy_edges: edges.hierarchy,
    products_without_copurchase: copurchase.productsWithout,
    mean_copurchase_degree: copurchase.meanDegree,
    max_copurchase_degree: copurchase.maxDegree,
    median_copurchase_weight: copurchase.medianWeight,
    products_without_substitute: substitution.productsWithout,
    mean_substitution_degree: substitution.meanDegree,
    max_substitution_degree: substitution.maxDegree,
    median_substitution_weight: substitution.medianWeight,
    components: graph.components,
    nodes_in_largest_component: graph.largestComponent,
  };
}
