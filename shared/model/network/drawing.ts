/**
 * Lays out the drawing of a network: a box for each layer, and the lines between them. Data flows downwards;
 * auxiliary heads are beside the trunk. The drawing is 360 units wide, which fits a phone.
 * @module
 */
import { windowOf } from './description.ts';
import { drawModule } from './drawing-module.ts';
import {
  boxOf,
  type Drawing,
  type Line,
  type Part,
  type Point,
  shapeText,
  TRUNK_WIDTH,
} from './drawing-parts.ts';
import type { Network } from './googlenet.ts';
import type { Layer } from './layer.ts';

export type { Box, Drawing, Line, Rectangle, Segment } from './drawing-parts.ts';

const WIDTH = 360;
const HEAD_LEFT = 266;
const ROW = 34;
const GAP = 16;
const HEAD_ROW = 28;
const HEAD_GAP = 10;

export function drawNetwork(network: Network): Drawing {
  const parts: Part[] = [];
  /** Start points of the lines from a layer or module. */
  const ends = new Map<string, { readonly bottom: number; readonly right: Point }>();
  let y = 1;
  for (const layer of network.layers) {
    if (layer.name.includes('/') && !isFirstOfHead(layer, network)) continue; // drawn with its module or head
    const part = isHead(layer)
      ? drawHead(headLayers(layer, network), ends.get(layer.inputs[0]!)!.right)
      : layer.kind === 'concat'
        ? drawModule(layer, network, y)
        : drawLayer(layer, y);
    parts.push(isHead(layer) ? part : withLineTo(part, layer, y));
    if (isHead(layer)) continue;
    ends.set(layer.name, { bottom: part.bottom, right: [TRUNK_WIDTH, part.bottom - ROW / 2] });
    y = part.bottom + GAP;
  }
  return {
    width: WIDTH,
    height: Math.max(...parts.map(({ bottom }) => bottom)) + 1,
    boxes: parts.flatMap(({ boxes }) => boxes),
    lines: parts.flatMap(({ lines }) => lines),
    frames: parts.flatMap(({ frames }) => frames),
    segments: parts.flatMap(({ segments }) => segments),
  };
}

const isHead = ({ section }: Layer): boolean => section === 'aux1' || section === 'aux2';

const headLayers = ({ section }: Layer, { layers }: Network): Layer[] =>
  layers.filter((layer) => layer.section === section);

const isFirstOfHead = (layer: Layer, network: Network): boolean =>
  isHead(layer) && headLayers(layer, network)[0] === layer;

/** The trunk is a chain: each part has a line from the part above it. */
function withLineTo(part: Part, { section, inputs }: Layer, y: number): Part {
  if (inputs.length === 0) return part;
  const x = TRUNK_WIDTH / 2;
  const line: Line = { from: [x, y - GAP], to: [x, y], section };
  return { ...part, lines: [line, ...part.lines] };
}

function drawLayer(layer: Layer, y: number): Part {
  const place = { x: 0, y, width: TRUNK_WIDTH, height: ROW };
  const title = `${layer.name} ${windowOf(layer)}`.trim();
  const box = boxOf(layer, place, { title, detail: shapeText(layer.shape) });
  return { boxes: [box], lines: [], frames: [], segments: [], bottom: y + ROW };
}

/** An auxiliary head: a column beside the trunk, from the module whose output it reads. */
function drawHead(layers: readonly Layer[], [x, y]: Point): Part {
  const center = HEAD_LEFT + (WIDTH - HEAD_LEFT) / 2;
  const boxes = layers.map((layer, i) => {
    const place = {
      x: HEAD_LEFT,
      y: y + HEAD_GAP + i * (HEAD_ROW + HEAD_GAP),
      width: WIDTH - HEAD_LEFT - 1,
      height: HEAD_ROW,
    };
    const title = layer.name.replace(/^.*\//, '');
    return boxOf(layer, place, { title, detail: String(layer.shape[2]) });
  });
  const section = layers[0]!.section;
  const lines: Line[] = boxes.map((box) => ({
    from: [center, box.y - HEAD_GAP],
    to: [center, box.y],
    section,
  }));
  const out: Line = { from: [x, y], to: [center, y], section };
  const bottom = boxes.at(-1)!.y + HEAD_ROW;
  return { boxes, lines: [out, ...lines], frames: [], segments: [], bottom };
}
