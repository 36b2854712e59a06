/**
 * The code of both tiers: the network, preprocessing, the model package, errors.
 * @module
 */
export * from './errors.ts';
export * from './int8/arithmetic.ts';
export * from './int8/budget.ts';
export * from './int8/first-conv.ts';
export * from './int8/paired.ts';
export * from './int8/quantized-model.ts';
export * from './int8/scales.ts';
export * from './network/comparisons.ts';
export * from './network/cost.ts';
export * from './network/description.ts';
export * from './network/fold.ts';
export * from './network/googlenet.ts';
export * from './network/layer.ts';
export * from './network/paper.ts';
export * from './network/parameters.ts';
export * from './network/variant.ts';
export * from './package/float16.ts';
export * from './package/manifest.ts';
export * from './package/parse-manifest.ts';
export * from './package/releases.ts';
export * from './package/safetensors.ts';
export * from './preprocess/cmyk.ts';
export * from './preprocess/crop.ts';
export * from './preprocess/normalise.ts';
export * from './preprocess/orient.ts';
export * from './preprocess/preprocessing.ts';
export * from './preprocess/resize.ts';
export * from './reference/compute.ts';
export * from './reference/forward.ts';
export * from './reference/reference.ts';
