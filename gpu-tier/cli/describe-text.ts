/**
 * A network's description as text for a terminal of 100 columns.
 * @module
 */
import type { Cost } from '../../shared/model/network/cost.ts';
import type { Description, RowDescription } from '../../shared/model/network/description.ts';
import { PAPER_CLAIMS, paperTotals } from '../../shared/model/network/paper.ts';
import { paperNotes } from './describe-notes.ts';
import { count, millions } from './numbers.ts';
import { layOut, wrap } from './table.ts';

const WIDTH = 100;

export function describeText(description: Description): string {
  const { title, variant, inputSize, classes } = description;
  return [
    wrap(`GoogLeNet, variant ${variant}: ${title}`, WIDTH),
    `input ${inputSize}×${inputSize}×3, ${classes} classes; multiply-adds of one image, in millions (10⁶)`,
    '',
    ...layerTable(description),
    '',
    ...(isPaperNetwork(description) ? paperNotes(description, WIDTH) : []),
    ...totals(description),
    '',
    ...comparisons(description),
    '',
  ].join('\n');
}

/** The paper's figures are of this network; beside others they are for orientation only. */
const isPaperNetwork = ({ variant, inputSize, classes }: Description): boolean =>
  variant === 'lrn' && inputSize === 224 && classes === 1000;

function layerTable(description: Description): string[] {
  const lines = layOut(
    [
      { title: 'layer', align: 'left' },
      { title: 'window', align: 'left' },
      { title: 'output', align: 'left' },
      { title: 'parameters', align: 'right' },
      { title: 'mult-adds', align: 'right' },
      { title: '│', align: 'left' },
      { title: 'depth', align: 'right' },
      { title: 'params', align: 'right' },
      { title: 'ops', align: 'right' },
      { title: isPaperNetwork(description) ? 'counted in' : '', align: 'left' },
    ],
    description.rows.flatMap((row) => rowCells(row, isPaperNetwork(description))),
  );
  const place = lines[0]!.indexOf('│');
  return [`${' '.repeat(place)}│ Table 1 of the paper`, ...lines];
}

function rowCells(row: RowDescription, explain: boolean): string[][] {
  const { paper } = row;
  const beside = paper
    ? [
        String(paper.depth),
        paper.parameters === undefined ? '' : `${paper.parameters}K`,
        paper.operations === undefined ? '' : `${paper.operations}M`,
        explain ? reading(row) : '',
      ]
    : [];
  const [only, ...more] = row.layers;
  const single = more.length === 0;
  const head = [row.name, single ? only!.window : '', ...costCells(row), '│', ...beside];
  if (single) return [head];
  const within = row.layers
    .filter(({ kind }) => kind !== 'concat')
    .map((layer) => [
      `  ${layer.name.replace(`${row.name}/`, '')}`,
      layer.window,
      ...costCells(layer),
      '│',
    ]);
  return [head, ...within];
}

function costCells({ output, parameters, multiplyAdds }: Pick<RowDescription, 'output'> & Cost) {
  const [height, width, channels] = output;
  const shape = height === 1 && width === 1 ? String(channels) : output.join('×');
  return [
    shape,
    parameters ? count(parameters) : '',
    multiplyAdds ? millions(multiplyAdds, 2) : '',
  ];
}

/** How the row's printed figures come about, or the letter of the note that says why not. */
function reading({ name, paper }: RowDescription): string {
  if (paper?.parameters === undefined) return '';
  const { parametersRead, operationsRead } = paper;
  if (name === 'conv1') return 'note a';
  if (!operationsRead) return 'note c';
  return parametersRead ?? 'note b';
}

function totals({ totals: t, auxiliaryHeads }: Description): string[] {
  const lines = [
    'Totals',
    `  parameters     ${count(t.parameters)} (${millions(4 * t.parameters, 1)} MB in float32)`,
    `  multiply-adds  ${count(t.multiplyAdds)}`,
    `  depth          ${t.weightLayers} layers with weights, ${t.withPooling} with pooling; ${t.modules} inception modules`,
  ];
  if (auxiliaryHeads) {
    const { parameters, multiplyAdds } = auxiliaryHeads;
    const cost = `${count(parameters)} parameters, ${millions(multiplyAdds, 1)}M`;
    lines.push(`  in training    and two auxiliary heads: ${cost} multiply-adds`);
  }
  return lines;
}

function comparisons(description: Description): string[] {
  const { comparisons: c, totals: own } = description;
  const naive = c.naiveNetwork;
  const example = c.reductionExample;
  const m = (n: number) => `${millions(n, 1)}M`;
  const printed = paperTotals().parameters;
  const said = `The paper says ${PAPER_CLAIMS.alexNetRatio} times; its own table sums to ${count(Math.round(printed))}K, which makes ${(c.alexNet.parameters / (printed * 1024)).toFixed(1)}.`;
  const points = [
    `AlexNet has ${count(c.alexNet.parameters)} parameters (1000 classes), ${times(c.alexNet.ratio)} as many. ${isPaperNetwork(description) ? said : ''}`.trimEnd(),
    `A fully connected layer of 1024 units on the last features would have ${count(c.fullyConnectedWeights)} weights; global average pooling has none.`,
    `A 1×1 reduction, on 14×14×480 → 5×5 → 48: directly ${m(example.direct)} multiply-adds; through 16 channels ${m(example.reduce)} + ${m(example.expand)} = ${m(example.reduced)}, ${times(example.direct / example.reduced)} fewer.`,
  ];
  if (c.naiveModules.length > 0) {
    points.push(
      `Naive modules (no reductions) would make the network ${count(naive.parameters)} parameters and ${m(naive.multiplyAdds)} multiply-adds: ${times(naive.parameters / own.parameters)} and ${times(naive.multiplyAdds / own.multiplyAdds)} as many, since channels pile up from module to module. On the same input each:`,
    );
  }
  const lines = points.map((point) => wrap(point, WIDTH, '  ', '    '));
  return ['What the design saves', ...lines, ...naiveTable(c.naiveModules)];
}

function naiveTable(modules: Description['comparisons']['naiveModules']): string[] {
  if (modules.length === 0) return [];
  const right = (title: string) => ({ title, align: 'right' as const });
  const lines = layOut(
    [
      { title: 'module', align: 'left' },
      right('parameters'),
      right('naive'),
      right(''),
      right('mult-adds'),
      right('naive'),
      right(''),
    ],
    modules.map(({ module, inception, naive }) => [
      module,
      count(inception.parameters),
      count(naive.parameters),
      `×${(naive.parameters / inception.parameters).toFixed(1)}`,
      millions(inception.multiplyAdds, 1),
      millions(naive.multiplyAdds, 1),
      `×${(naive.multiplyAdds / inception.multiplyAdds).toFixed(1)}`,
    ]),
  );
  return lines.map((line) => `    ${line}`);
}

const times = (ratio: number): string => `${ratio.toFixed(1)} times`;
