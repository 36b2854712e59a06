import type { Scope } from '../../shared/model/access/scopes.ts';

/** Who a request comes from. */
export interface Caller {
  /** The key's id; `local` for this machine, `anonymous` where classifying needs no key. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}
