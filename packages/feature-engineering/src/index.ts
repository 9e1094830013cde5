export * from './price-encoding/index.js';
