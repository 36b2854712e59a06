/**
 * Memory of the int8 engine in an isolate, bytes; edge/worker/limits.ts divides the whole. The Worker and
 * `hebb publish` refuse a model that needs more.
 */
export const ENGINE_BUDGET_BYTES = 14e6;
