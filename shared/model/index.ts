/**
 * What both tiers obey: the network, preprocessing, the model package, errors.
 * @module
 */
export * from './errors.ts';
export * from './network/fold.ts';
export * from './network/googlenet.ts';
export * from './network/layer.ts';
export * from './network/parameters.ts';
export * from './network/variant.ts';
export * from './package/manifest.ts';
export * from './package/safetensors.ts';
export * from './preprocess/preprocessing.ts';
