// `retail-feature-engineering describe`: what is in a features folder, layer by layer, from its files.

import { type Manifest, verifyUpstream } from '@retail-sim/artifacts';
import {
  customerStates,
  priceFeatures,
  productEmbeddings,
  pseudoBrands,
  storeFeatures,
} from '../schemas/index.js';
import { MADE_BY } from '../schemas/made-by.js';
import { type BrandDescription, brandText, describeBrands } from './describe-brands.js';
import { type CustomerDescription, customerText, describeCustomers } from './describe-customers.js';
import { describePrices, type PriceDescription, priceText } from './describe-prices.js';
import { describeProducts, drawProducts, type ProductDescription, productText } from './describe-products.js';
import { describeStores, type StoreDescription, storeText } from './describe-stores.js';

export interface FeaturesDescription {
  readonly folder: string;
  readonly mode: Manifest['mode'];
  readonly split: string | null;
  readonly fitThroughWeek: number | null;
  /** A layer that has not run is null. */
  readonly brands: BrandDescription | null;
  readonly prices: PriceDescription | null;
  readonly products: ProductDescription | null;
  readonly customers: CustomerDescription | null;
  readonly stores: StoreDescription | null;
}

/**
 * @param productIds products whose neighbours to show; left out, the leaders of ten categories
 * @throws InputError when the folder is missing, incomplete or out of date, or a product is unknown
 */
export async function describeFeatures(
  folder: string,
  productIds?: readonly string[],
): Promise<FeaturesDescription> {
  const features = await verifyUpstream(folder, { command: MADE_BY });
  const { mode, split, fitThroughWeek, outputs, counts } = features.manifest;
  const made = <T>(table: { readonly file: string }, describe: () => Promise<T>) =>
    outputs[table.file] === undefined ? null : describe();
  return {
    folder,
    mode,
    split,
    fitThroughWeek,
    brands: await made(pseudoBrands, () => describeBrands(features, counts)),
    prices: await made(priceFeatures, () => describePrices(features)),
    products: await made(productEmbeddings, () => describeProducts(features, productIds)),
    customers: await made(customerStates, () => describeCustomers(features)),
    stores: await made(storeFeatures, () => describeStores(features)),
  };
}

/**
 * A map of all products, coloured by department, as SVG.
 *
 * @throws InputError when the folder is missing, out of date, or without layer 3
 */
export async function productMapOf(folder: string): Promise<string> {
  return drawProducts(await verifyUpstream(folder, { command: MADE_BY, tables: [productEmbeddings] }));
}

/** The description as text for a terminal. */
export function descriptionText(description: FeaturesDescription): string {
  const { folder, mode, split, fitThroughWeek, brands, prices, products, customers, stores } = description;
  return [
    `${folder}: ${mode} mode, split ${split ?? 'unknown'}, fitted through ${fitThroughWeek ?? 'all weeks'}`,
    brands === null ? 'layer 1 has not run' : brandText(brands),
    prices === null ? 'layer 2 has not run' : priceText(prices),
    products === null ? 'layer 3 has not run' : productText(products),
    customers === null ? 'layer 4 has not run' : customerText(customers),
    stores === null ? 'layer 5 has not run' : storeText(stores),
  ].join('\n\n');
}
