export * from './price-encoding/index.js';
export * from './schemas/index.js';
