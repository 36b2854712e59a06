// Entry point of the relaxed SIMD build.
export { convDot, DOT_TILE, dotFingerprint } from './conv-dot';
export { convPaired, PAIRED_TILE } from './conv-paired';
export { convWinograd, WINOGRAD_GROUP, WINOGRAD_SIDE } from './conv-winograd';
export { convWinogradFirst, WINOGRAD_FIRST_SIDE } from './conv-winograd-first';
export { padInput } from './input';
export { linear } from './linear';
export { lrn } from './lrn';
export { globalAveragePool, maxPool } from './pool';
export { softmax } from './softmax';
export { winogradFirstWeights, winogradWeights } from './winograd-weights';
