/**
 * What a file's header tells, before anything is decoded.
 * @module
 */
import type { Orientation } from '../model/index.ts';
import type { AvifHeader } from './avif/header.ts';
import type { GifHeader } from './gif/header.ts';
import type { JpegHeader } from './jpeg/header.ts';
import type { PngHeader } from './png/header.ts';
import type { WebpHeader } from './webp/header.ts';

export interface HeaderBase {
  /** As stored, before `orientation` is applied; pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

export type ImageHeader = JpegHeader | PngHeader | WebpHeader | AvifHeader | GifHeader;

export type ImageFormat = ImageHeader['format'];
