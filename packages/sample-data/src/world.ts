import { type ShopWeek, shopCalendar } from './calendar/shop-calendar.js';
import { type Associations, drawAssociations } from './catalogue/associations.js';
import { buildCatalogue, type Catalogue } from './catalogue/catalogue.js';
import { segmentTastes } from './customers/repertoire.js';
import { drawElasticities, type Elasticities, type Profile } from './prices/weekly-prices.js';
import { buildStores, type Stores } from './stores/stores.js';

/** What the sample is drawn from; nothing else enters the data. */
export interface SampleParameters {
  readonly seed: number;
  readonly customers: number;
  readonly weeks: number;
  readonly products: number;
  readonly stores: number;
  readonly profile: Profile;
}

/** Everything that is the same for all customers and weeks. */
export interface World {
  readonly parameters: SampleParameters;
  readonly calendar: readonly ShopWeek[];
  readonly catalogue: Catalogue;
  readonly associations: Associations;
  readonly stores: Stores;
  readonly elasticities: Elasticities;
  readonly tastes: ReadonlyMap<number, Float64Array>;
}

/** Builds the world that `parameters` describe; the same parameters always give the same world. */
export function buildWorld(parameters: SampleParameters): World {
  const { seed, weeks, products, stores, profile } = parameters;
  const catalogue = buildCatalogue(seed, products, weeks);
  return {
    parameters,
    calendar: shopCalendar(weeks),
    catalogue,
    associations: drawAssociations(seed, catalogue),
    stores: buildStores(seed, stores),
    elasticities: drawElasticities(seed, catalogue, profile),
    tastes: segmentTastes(catalogue),
  };
}
