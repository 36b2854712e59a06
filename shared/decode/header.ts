import type { Orientation } from '@hebb/model/preprocess/orient';

/** What the header of every format tells before anything is decoded. */
export interface HeaderBase {
  /** As stored, before `orientation` is applied; pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}
