export type { DispatchOptions, ItemResult } from './result.ts';
