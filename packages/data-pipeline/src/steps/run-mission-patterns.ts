import type { DuckDBConnection } from '@duckdb/node-api';
import { walkMissions } from '../customer-walk/walk-customers.js';
import { createEnum, createEnumFrom } from '../engine/enum-types.js';
import { literal } from '../engine/sql.js';
import { openTableRows } from '../engine/table-rows.js';
import { readRows } from '../engine/typed-chunk.js';
import { distributionJson } from '../mission-patterns/distribution-json.js';
import { FOCUS_TEXTS, SENSITIVITY_TEXTS, TYPE_TEXTS } from '../mission-patterns/mission-row.js';
import {
  FOCUSES,
  type LabelPositions,
  labelPositions,
  MISSION_TYPES,
  SENSITIVITIES,
  SIZES,
  UNCLASSIFIED,
} from '../mission-patterns/mission-state.js';
import type { StepContext, StepResult } from '../run-data-pipeline.js';
import {
  customerMissionPatterns,
  customerMissionPatternsWeekly,
} from '../schemas/customer-mission-patterns.js';
import { baskets } from '../schemas/transactions.js';
import { loadWeeks } from './ingest.js';

export const MISSION_TABLES = [customerMissionPatterns, customerMissionPatternsWeekly] as const;

/** Stage 4: reads the baskets, writes mission patterns over the fit window and as of every week. */
export async function runMissionPatterns(context: StepContext): Promise<StepResult> {
  const { options, engine, stage, split, progress, partBytes, warn } = context;
  const { connection, scratch } = engine;
  const reader = await engine.connect();
  try {
    const { lastWeek } = await loadWeeks(context);
    const labels = await loadLabels(connection);
    const strange = unknownLabels(labels);
    if (strange.length > 0) warn(`labels outside the vocabulary count as unknown: ${strange.join(', ')}`);
    const enums = {
      customer_id: await createEnumFrom(
        connection,
        'mission_customer',
        'SELECT customer_id FROM customers ORDER BY code',
      ),
      dominant_mission_type: await createEnum(connection, 'mission_type', TYPE_TEXTS),
      dominant_focus: await createEnum(connection, 'mission_focus', FOCUS_TEXTS),
      typical_sensitivity: await createEnum(connection, 'mission_sensitivity', SENSITIVITY_TEXTS),
    };
    const open = { connection, scratch, partBytes, enums };
    const types = options.compat ? labels.types : MISSION_TYPES;
    const focuses = options.compat ? labels.focuses : FOCUSES;
    const whole = await openTableRows(customerMissionPatterns, {
      ...open,
      computed: {
        mission_type_dist: distributionJson('p_mission', types),
        mission_focus_dist: distributionJson('p_focus', focuses),
      },
    });
    const weekly = options.compat ? undefined : await openTableRows(customerMissionPatternsWeekly, open);
    const task = progress.task('stage 4, missions', undefined, 'baskets');
    const { population } = await walkMissions({
      connection: reader,
      baskets: context.path(baskets),
      fitThroughWeek: split.fitThroughWeek,
      lastWeek,
      compat: options.compat,
      positions: positionsOf(labels),
      minTrips: options.minTrips,
      whole,
      weekly,
      onVisits: task.advance,
    });
    let rows = 0;
    await stage.file(customerMissionPatterns.file, async (path) => (rows = await whole.write(path)), {
      table: customerMissionPatterns,
    });
    let states = 0;
    if (weekly !== undefined) {
      await stage.file(
        customerMissionPatternsWeekly.file,
        async (path) => (states = await weekly.write(path)),
        { table: customerMissionPatternsWeekly },
      );
    }
    task.done();
    const meanSensitivity = Number.isNaN(population.meanSensitivity) ? 0 : population.meanSensitivity;
    return {
      rows,
      counts: {
        weeklyStates: states,
        populationSensitivity: meanSensitivity,
        labelsOutsideVocabulary: strange.length,
      },
    };
  } finally {
    reader.closeSync();
  }
}

/** Labels of the data, in code order. */
interface Labels {
  readonly types: readonly string[];
  readonly focuses: readonly string[];
  readonly sensitivities: readonly string[];
  readonly sizes: readonly string[];
}

async function loadLabels(connection: DuckDBConnection): Promise<Labels> {
  const of = async (attribute: string) => {
    const rows = await readRows(
      connection,
      `SELECT label FROM labels WHERE attribute = ${literal(attribute)} ORDER BY code`,
    );
    return rows.map(({ label }) => String(label));
  };
  return {
    types: await of('basket_type'),
    focuses: await of('basket_dominant_mission'),
    sensitivities: await of('basket_price_sensitivity'),
    sizes: await of('basket_size'),
  };
}

function positionsOf({ types, focuses, sensitivities, sizes }: Labels): LabelPositions {
  return {
    types: labelPositions(types, MISSION_TYPES),
    focuses: labelPositions(focuses, FOCUSES),
    sensitivities: labelPositions(sensitivities, SENSITIVITIES),
    sizes: labelPositions(sizes, SIZES),
  };
}

function unknownLabels({ types, focuses, sensitivities, sizes }: Labels): string[] {
  const outside = (labels: readonly string[], vocabulary: readonly string[]) =>
    labels.filter((label) => label !== UNCLASSIFIED && !vocabulary.includes(label));
  return [
    ...outside(types, MISSION_TYPES),
    ...outside(focuses, FOCUSES),
    ...outside(sensitivities, SENSITIVITIES),
    ...outside(sizes, SIZES),
  ];
}
