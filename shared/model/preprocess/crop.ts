/**
 * The window of the resized image that becomes the network's input.
 * @module
 */
import type { Preprocessing, ResizeRule } from './preprocessing.ts';

export interface CropWindow {
  /** Size of the whole resized image, of which only the window is ever computed; pixels. */
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  readonly left: number;
  readonly top: number;
}

/**
 * The centre crop of the resized image, for a source of width × height pixels.
 * 'shorter-side' truncates the longer side and rounds an offset that ends in .5 to even, as
 * torchvision's Resize and CenterCrop do.
 */
export function cropWindow(
  width: number,
  height: number,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
): CropWindow {
  const { resize, crop } = preprocessing;
  const [scaledWidth, scaledHeight] = scaledSize(width, height, resize.rule, resize.size);
  return {
    scaledWidth,
    scaledHeight,
    left: roundHalfEven((scaledWidth - crop) / 2),
    top: roundHalfEven((scaledHeight - crop) / 2),
  };
}

function scaledSize(width: number, height: number, rule: ResizeRule, size: number) {
  if (rule === 'warp') return [size, size] as const;
  if (width <= height) return [size, Math.floor((size * height) / width)] as const;
  return [Math.floor((size * width) / height), size] as const;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor + (floor % 2);
  return Math.round(value);
}
