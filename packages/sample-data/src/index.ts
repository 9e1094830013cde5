export { type GenerateOptions, generateSample, type SampleSummary } from './generate-sample.js';
export { buildWorld, type SampleParameters, type World } from './world.js';
