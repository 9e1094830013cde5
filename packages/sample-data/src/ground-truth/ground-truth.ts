import { batchFromRows, type Stage } from '@retail-sim/artifacts';
import type { Shopper } from '../baskets/week-baskets.js';
import { DEPARTMENTS } from '../catalogue/department-facts.js';
import { LIFE_STAGES, PRICE_SEGMENTS } from '../customers/segments.js';
import { weeklyPrices } from '../prices/weekly-prices.js';
import {
  associationTruth,
  customerTruth,
  priceTruth,
  productTruth,
  repertoireTruth,
} from '../schemas/index.js';
import { numbered } from '../transactions/week-csv.js';
import type { World } from '../world.js';

/** Customers whose repertoires are written at once. */
const CUSTOMERS_PER_BATCH = 2000;

/** Writes what the sample was drawn from, so that everything learned from it can be scored. */
export async function writeGroundTruth(
  stage: Stage,
  world: World,
  shoppers: readonly Shopper[],
): Promise<void> {
  await stage.table(productTruth, [products(world)]);
  await stage.table(customerTruth, [customers(world, shoppers)]);
  await stage.table(repertoireTruth, repertoires(shoppers));
  await stage.table(associationTruth, [associations(world)]);
  await stage.table(priceTruth, prices(world));
}

function products({ catalogue, elasticities }: World) {
  const rows = catalogue.productCodes.map((code, product) => ({
    product,
    product_code: code,
    class_code: numbered('CL', catalogue.classOf[product]),
    department_code: numbered('DEP', catalogue.departmentOf[product]),
    group_code: numbered('G', catalogue.groupOf[product]),
    division_code: DEPARTMENTS[catalogue.divisionOf[product] ?? 0]?.code ?? '',
    popularity: catalogue.popularity[product] ?? 0,
    base_price: (catalogue.basePence[product] ?? 0) / 100,
    weighed: catalogue.weighed[product] === 1,
    own_elasticity: elasticities.own[product] ?? 0,
    substitute_code: catalogue.productCodes[elasticities.substitute[product] ?? product] ?? code,
    cross_elasticity: elasticities.cross[product] ?? 0,
    season_peak: catalogue.seasonPeak[product] ?? 1,
    season_strength: catalogue.seasonStrength[product] ?? 0,
    first_week: catalogue.firstWeek[product] ?? 0,
  }));
  return batchFromRows(productTruth, rows);
}

function customers({ stores }: World, shoppers: readonly Shopper[]) {
  const rows = shoppers.map(({ customer }) => ({
    customer_code: customer.code,
    price_segment: PRICE_SEGMENTS[customer.priceSegment]?.code ?? '',
    life_stage: LIFE_STAGES[customer.lifeStage]?.code ?? '',
    visits_per_week: customer.visitsPerWeek,
    first_week: customer.firstWeek,
    last_week: customer.lastWeek,
    basket_shift: customer.basketShift,
    favourite_store: stores.codes[customer.stores[0] ?? 0] ?? '',
    favourite_share: (customer.storeShare[0] ?? 0) / (customer.storeShare.at(-1) ?? 1),
  }));
  return batchFromRows(customerTruth, rows);
}

function* repertoires(shoppers: readonly Shopper[]) {
  const values = shoppers.map(({ customer }) => customer.code);
  for (let from = 0; from < shoppers.length; from += CUSTOMERS_PER_BATCH) {
    const part = shoppers.slice(from, from + CUSTOMERS_PER_BATCH);
    const rows = part.reduce((sum, { repertoire }) => sum + repertoire.products.length, 0);
    const codes = new Uint32Array(rows);
    const product = new Uint16Array(rows);
    const weight = new Float32Array(rows);
    let row = 0;
    for (const [position, { repertoire }] of part.entries()) {
      const length = repertoire.products.length;
      codes.fill(from + position, row, row + length);
      product.set(repertoire.products, row);
      weight.set(repertoire.weights, row);
      row += length;
    }
    yield { rows, columns: { customer_code: { codes, values }, product, weight } };
  }
}

function associations({ associations: { themes, themeShare, themeLean, classWeight }, catalogue }: World) {
  const rows = [];
  for (let theme = 0; theme < themes; theme++) {
    for (let index = 0; index < catalogue.classes; index++) {
      const strength = classWeight[theme * catalogue.classes + index] ?? 1;
      const class_code = numbered('CL', index);
      rows.push({
        theme,
        theme_share: themeShare[theme] ?? 0,
        theme_lean: themeLean[theme] ?? 0,
        class_code,
        strength,
      });
    }
  }
  return batchFromRows(associationTruth, rows);
}

function* prices({ calendar, catalogue, elasticities, parameters }: World) {
  const written =
    parameters.profile === 'lgsr' ? calendar.slice(0, 1) : calendar.filter(({ hasData }) => hasData);
  const product = Uint16Array.from({ length: catalogue.products }, (_, index) => index);
  for (const week of written) {
    const made = weeklyPrices(parameters.seed, catalogue, elasticities, parameters.profile, week);
    yield {
      rows: catalogue.products,
      columns: {
        week: new Uint32Array(catalogue.products).fill(week.week),
        product,
        base_price: Float64Array.from(made.basePence, (pence) => pence / 100),
        price: Float64Array.from(made.pence, (pence) => pence / 100),
        promoted: made.promoted,
      },
    };
  }
}
