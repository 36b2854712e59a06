/**
 * The page at `/network`: wires the choice of a network to its drawing and its details.
 * @module
 */
import { HebbClient } from '@hebb/client';
import { describeNetwork } from '@hebb/model/network/description';
import { type Box, drawNetwork } from '@hebb/model/network/drawing';
import { googlenet, type NetworkSpec } from '@hebb/model/network/googlenet';
import { byId, h } from './dom.ts';
import { keptKey } from './key.ts';
import { type Choice, networkChoice } from './network/choice.ts';
import { figures, networkTable, savings } from './network/figures.ts';
import { Last } from './network/last.ts';
import { Panel, type Subject } from './network/panel.ts';
import { type Picture, picture } from './network/picture.ts';
import { COLOURS } from './network/words.ts';
import { problemNote } from './problem.ts';

/** On wide windows the details stand beside the drawing, and show `FIRST` from the start. */
const BESIDE = matchMedia('(min-width: 60rem)');
const FIRST = 'inception3a';

let subject: Subject;
let drawing: Picture;
let shown: string | undefined;

const details = byId('details');
const panel = new Panel({
  element: details,
  last: new Last(() => shown !== undefined && go(shown)),
  say: (text) => {
    byId('status').textContent = text;
  },
  roomy: () => BESIDE.matches,
  closed() {
    drawing.mark(undefined);
    if (shown !== undefined) drawing.focus(shown);
    shown = undefined;
  },
});

/** Shows the box of this name; if there is none, the first layer of the module or the module of the layer. */
function show(name: string): void {
  const box =
    subject.boxes.find((one) => one.name === name) ??
    subject.boxes.find((one) => one.name.startsWith(`${name}/`)) ??
    subject.boxes.find((one) => name.startsWith(`${one.name}/`));
  if (!box) {
    panel.hide(); // this network has no such layer
    return;
  }
  shown = box.name;
  drawing.mark(box.name);
  void panel.show(box, subject);
}

/** Shows a box and moves the focus to its details, as from the tables below the drawing. */
function go(name: string): void {
  show(name);
  details.focus();
}

function draw({ spec, naive, served }: Choice): void {
  const reduced = describeNetwork(googlenet(spec, { auxiliary: true }));
  const network = googlenet(naive ? { ...spec, variant: 'naive' } : spec, { auxiliary: true });
  const description = naive ? describeNetwork(network) : reduced;
  const { boxes, ...rest } = drawNetwork(network);
  subject = { network, description, boxes, served };
  drawing = picture({ ...rest, boxes }, ({ name }: Box) => show(name));
  byId('drawing').replaceChildren(drawing.element);
  byId('figures').replaceChildren(...figures(description, naive ? reduced : undefined));
  byId('savings').replaceChildren(...savings(reduced, go));
  byId('table').replaceChildren(networkTable(description, go));
  if (shown !== undefined || BESIDE.matches) show(shown ?? FIRST);
}

byId('legend').replaceChildren(
  ...Object.entries(COLOURS).map(([colour, name]) =>
    h('li', {}, h('span', { class: `swatch of-${colour}`, 'aria-hidden': 'true' }), name),
  ),
);

async function servedNetwork(): Promise<NetworkSpec | undefined> {
  try {
    const client = new HebbClient({ edge: location.origin, key: keptKey() });
    const [model] = (await client.models()).models;
    if (!model) return undefined;
    const { variant, classes, input_size: inputSize, output } = model;
    return { variant, classes, inputSize, ...(output && { output }) };
  } catch (error) {
    byId('problem').replaceChildren(problemNote(error));
    return undefined; // draw the paper's network
  }
}

draw(networkChoice(await servedNetwork(), draw));
