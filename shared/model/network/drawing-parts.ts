/**
 * The parts of a network's drawing.
 * @module
 */
import { type Cost, layerCost, sumCosts } from './cost.ts';
import type { Layer, LayerKind, Section, Shape } from './layer.ts';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A layer, or the head of a module. */
export interface Box extends Rectangle {
  /** The layer's name; a module's is that of its concatenation, whose output it has. */
  readonly name: string;
  readonly kind: LayerKind | 'module';
  readonly section: Section;
  /** Its text: `conv1 7×7/2` and `112×112×64`; `3×3` above `128` within a module. */
  readonly title: string;
  readonly detail: string;
  /** Title and detail side by side, or one above the other. */
  readonly stacked: boolean;
  readonly inputShape: Shape;
  readonly shape: Shape;
  readonly cost: Cost;
}

export type Point = readonly [x: number, y: number];

export interface Line {
  readonly from: Point;
  readonly to: Point;
  readonly section: Section;
}

/** A branch's channels in its module's output. */
export interface Segment extends Rectangle {
  /** The layer that they come from. */
  readonly name: string;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** In reading order. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  /** Around modules. */
  readonly frames: readonly Rectangle[];
  readonly segments: readonly Segment[];
}

/** The drawing of one part of the network. */
export interface Part extends Omit<Drawing, 'width' | 'height'> {
  /** The lower edge, where the next part may begin. */
  readonly bottom: number;
}

/** Width of the trunk; the rest is for auxiliary heads. */
export const TRUNK_WIDTH = 244;

export const boxOf = (
  layer: Layer,
  place: Rectangle,
  text: Pick<Box, 'title' | 'detail'>,
): Box => ({
  ...place,
  ...text,
  name: layer.name,
  kind: layer.kind,
  section: layer.section,
  inputShape: layer.inputShape,
  shape: layer.shape,
  cost: layerCost(layer),
  stacked: false,
});

/** A module's head: the cost is that of all its layers. */
export const moduleBox = (concat: Layer, members: readonly Layer[], place: Rectangle): Box => ({
  ...boxOf(concat, place, { title: concat.name, detail: shapeText(concat.shape) }),
  kind: 'module',
  inputShape: members[0]!.inputShape,
  cost: sumCosts(members.map(layerCost)),
});

/** `112×112×64`; `1024` for 1×1×1024. */
export function shapeText([height, width, channels]: Shape): string {
  if (height === 1 && width === 1) return String(channels);
  return `${height}×${width}×${channels}`;
}
