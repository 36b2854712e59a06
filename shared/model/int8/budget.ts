/**
 * What the int8 engine may take of an isolate's memory, bytes: edge/limits.ts shares out the whole. The
 * Worker refuses a model that needs more, and `hebb publish` does before it sends one.
 */
export const ENGINE_BUDGET_BYTES = 14e6;
