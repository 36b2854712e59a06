import { windowOf } from './description.ts';
import {
  type Box,
  boxOf,
  type Line,
  moduleBox,
  type Part,
  type Point,
  type Segment,
  TRUNK_WIDTH,
} from './drawing-parts.ts';
import type { Network } from './googlenet.ts';
import type { Layer } from './layer.ts';

const HEAD = 28;
const ROW = 34;
const GAP = 14;
const PAD = 6;
const BAR = 12;

/**
 * A module of any layers: a head that takes the input, a column for
 * each branch, and the concatenation as a bar with each branch's share of the channels.
 */
export function drawModule(concat: Layer, network: Network, y: number): Part {
  const members = network.layers.filter(({ name }) => name.startsWith(`${concat.name}/`));
  const branches = concat.inputs.map((name) => chainTo(name, members));
  const rows = Math.max(...branches.map(({ length }) => length));
  const pitch = (TRUNK_WIDTH - PAD) / branches.length;
  const rowTop = (row: number) => y + HEAD + GAP + row * (ROW + GAP);
  const barTop = rowTop(rows);
  const bottom = barTop + BAR + PAD;
  const whole = { x: 0, y, width: TRUNK_WIDTH };
  const head = moduleBox(concat, members, { ...whole, height: HEAD });
  const segments = segmentsOf(branches, concat, barTop);

  const boxes: Box[] = [head];
  const lines: Line[] = [];
  for (const [column, branch] of branches.entries()) {
    const x = PAD + column * pitch;
    const center = x + (pitch - PAD) / 2;
    let above: Point = [center, y + HEAD];
    for (const [i, layer] of branch.entries()) {
      // Columns are aligned at their last layers.
      const top = rowTop(rows - branch.length + i);
      boxes.push(branchBox(layer, { x, y: top, width: pitch - PAD, height: ROW }));
      lines.push({ from: above, to: [center, top], section: layer.section });
      above = [center, top + ROW];
    }
    const segment = segments[column]!;
    const to: Point = [segment.x + segment.width / 2, barTop];
    lines.push({ from: above, to, section: concat.section });
  }
  return { boxes, lines, segments, frames: [{ ...whole, height: bottom - y }], bottom };
}

/** The layers of a branch that end in `last`, first to last. */
function chainTo(last: string, members: readonly Layer[]): Layer[] {
  const layer = members.find(({ name }) => name === last);
  return layer ? [...chainTo(layer.inputs[0]!, members), layer] : [];
}

function branchBox(layer: Layer, place: Parameters<typeof boxOf>[1]): Box {
  const window = windowOf(layer).replace(/\/1$/, '');
  const title = layer.kind === 'maxPool' ? `pool ${window}` : window;
  return { ...boxOf(layer, place, { title, detail: String(layer.shape[2]) }), stacked: true };
}

function segmentsOf(branches: readonly Layer[][], concat: Layer, y: number): Segment[] {
  const width = TRUNK_WIDTH - 2 * PAD;
  let x = PAD;
  return branches.map((branch) => {
    const { name, shape } = branch.at(-1)!;
    const segment = { name, x, y, height: BAR, width: (shape[2] / concat.shape[2]) * width };
    x += segment.width;
    return segment;
  });
}
