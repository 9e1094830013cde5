export {
  encodePrice,
  encodePriceInto,
  LARGEST_OUTPUT,
  LOWEST_PRICE,
  PRICE_ENCODING_BLOCKS,
  PRICE_ENCODING_SIZE,
  PRICE_HARMONICS,
  type PriceEncodingMode,
  type PriceEncodingTarget,
  type PriceScalars,
} from './encode-price.js';
