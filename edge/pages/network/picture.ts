/**
 * The drawing as SVG. Each box is a button; one is in the tab order, and arrow keys move from it.
 * @module
 */
import type { Box, Drawing, Line } from '@hebb/model/network/drawing';
import { colourOf, spoken } from './words.ts';

export interface Picture {
  readonly element: SVGSVGElement;
  /** Marks the box whose details are shown. */
  mark(name: string | undefined): void;
  focus(name: string): void;
}

/** @param choose called with a box that is clicked, or has the focus when Enter is pressed */
export function picture(drawing: Drawing, choose: (box: Box) => void): Picture {
  const { width, height, boxes, lines, frames, segments } = drawing;
  const costliest = Math.max(...boxes.filter(isLayer).map(({ cost }) => cost.multiplyAdds));
  const byName = new Map(boxes.map((box) => [box.name, box]));
  const buttons = new Map(boxes.map((box) => [box.name, boxElement(box, costliest)]));
  const element = svg(
    'svg',
    {
      viewBox: `-1 -1 ${width + 2} ${height + 2}`,
      role: 'group',
      'aria-label': 'The network, from the image to the answer',
      'aria-describedby': 'drawing-help',
    },
    ...frames.map((frame) => svg('rect', { ...frame, rx: 8, class: 'frame' })),
    ...lines.map(lineElement),
    ...segments.map(({ name, ...place }) =>
      svg('rect', { ...place, class: `segment of-${colourOf(byName.get(name)!)}` }),
    ),
    ...buttons.values(),
  );

  let entry = boxes[0]!;
  const enter = (box: Box) => {
    buttons.get(entry.name)!.setAttribute('tabindex', '-1');
    entry = box;
    buttons.get(box.name)!.setAttribute('tabindex', '0');
  };
  enter(entry);
  for (const box of boxes) {
    const button = buttons.get(box.name)!;
    button.addEventListener('click', () => {
      enter(box);
      choose(box);
    });
    button.addEventListener('focus', () => enter(box));
    button.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Enter' || event.key === ' ') choose(box);
      else {
        const next = neighbour(box, event.key, boxes);
        if (!next) return;
        buttons.get(next.name)!.focus();
      }
      event.preventDefault();
    });
  }
  return {
    element,
    mark(name) {
      for (const [own, button] of buttons) button.setAttribute('aria-pressed', `${own === name}`);
    },
    focus: (name) => buttons.get(name)?.focus(),
  };
}

/** A module's cost is that of its layers. */
const isLayer = ({ kind }: Box): boolean => kind !== 'module';

function lineElement({ from, to, section }: Line): SVGLineElement {
  const [[x1, y1], [x2, y2]] = [from, to];
  return svg('line', { x1, y1, x2, y2, class: section.startsWith('aux') ? 'wire aux' : 'wire' });
}

function boxElement(box: Box, costliest: number): SVGGElement {
  const { x, y, width, height, title, detail, stacked, cost } = box;
  const middle = y + height / 2;
  const share = isLayer(box) ? cost.multiplyAdds / costliest : 0;
  const texts = stacked
    ? [
        text(title, x + width / 2, middle - 3, 'small'),
        ' ',
        text(detail, x + width / 2, middle + 10, 'small number'),
      ]
    : [
        text(title, x + 8, middle + 4, box.kind === 'module' ? 'at-start strong' : 'at-start'),
        ' ',
        text(detail, x + width - 8, middle + 4, 'at-end number'),
      ];
  return svg(
    'g',
    {
      class: `box of-${colourOf(box)}${box.section.startsWith('aux') ? ' aux' : ''}`,
      role: 'button',
      tabindex: -1,
      'aria-pressed': 'false',
      'aria-label': spoken(box),
      'data-layer': box.name,
    },
    svg('rect', { x, y, width, height, rx: stacked ? 5 : 8, class: 'body' }),
    ...(share > 0
      ? [
          svg('rect', {
            x: x + 4,
            y: y + height - 4,
            width: Math.max(1, share * (width - 8)),
            height: 2.5,
            rx: 1,
            class: 'share',
          }),
        ]
      : []),
    ...texts,
  );
}

const text = (content: string, x: number, y: number, place = '') =>
  svg('text', { x, y, class: place }, content);

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The box that a key leads to; undefined for other keys, and if there is none. */
function neighbour(from: Box, key: string, boxes: readonly Box[]): Box | undefined {
  if (key === 'Home') return boxes[0];
  if (key === 'End') return boxes.findLast(({ section }) => section === 'head');
  const step = STEPS[key];
  if (!step) return undefined;
  return boxes
    .map((box) => ({ box, cost: distance(from, box, step) }))
    .filter(({ cost }) => cost < Infinity)
    .sort((a, b) => a.cost - b.cost)[0]?.box;
}

/** The distance of a box in a direction; an offset to the side counts three times. */
function distance(from: Box, to: Box, [right, down]: readonly [number, number]): number {
  const dx = center(to, 'x') - center(from, 'x');
  const dy = center(to, 'y') - center(from, 'y');
  const ahead = right * dx + down * dy;
  const aside = Math.abs(right === 0 ? overhang(from, to) : dy);
  if (ahead <= 1 || (right !== 0 && aside > from.height)) return Infinity;
  return ahead + 3 * aside;
}

const center = (box: Box, axis: 'x' | 'y'): number =>
  box[axis] + (axis === 'x' ? box.width : box.height) / 2;

/** The horizontal gap between two boxes; 0 if one lies above the other. */
const overhang = (a: Box, b: Box): number =>
  Math.max(0, a.x - (b.x + b.width), b.x - (a.x + a.width));

type Attributes = Readonly<Record<string, string | number | undefined>>;

function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}
