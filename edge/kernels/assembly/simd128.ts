// Entry point of the simd128 build, for engines without relaxed SIMD.
export { convWiden, WIDEN_TILE } from './conv-widen';
export { convWinograd, WINOGRAD_GROUP, WINOGRAD_SIDE } from './conv-winograd';
export { convWinogradFirst, WINOGRAD_FIRST_SIDE } from './conv-winograd-first';
export { padInput } from './input';
export { linear } from './linear';
export { lrn } from './lrn';
export { globalAveragePool, maxPool } from './pool';
export { softmax } from './softmax';
export { winogradFirstWeights, winogradWeights } from './winograd-weights';
