import { identifier, literal } from '../engine/sql.js';
import { UNCLASSIFIED } from './mission-state.js';

/** The column that holds the share of a label: `p_mission_full_shop`. */
export function shareColumn(prefix: string, label: string): string {
  return label === UNCLASSIFIED
    ? `${prefix}_unknown`
    : `${prefix}_${label.toLowerCase().replaceAll(' ', '_')}`;
}

/**
 * SQL for the shares of a row as JSON text, keys alphabetical, numbers in the shortest form that reads back the same
 * (spec section 2 §4, column 4).
 */
export function distributionJson(prefix: string, labels: readonly string[]): string {
  if (labels.length === 0) return literal('{}');
  const entries = labels
    .toSorted()
    .map(
      (label) =>
        `${literal(`${JSON.stringify(label)}: `)} || ${identifier(shareColumn(prefix, label))}::VARCHAR`,
    );
  return `'{' || ${entries.join(" || ', ' || ")} || '}'`;
}
