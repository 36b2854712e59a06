import type { Cost } from '@hebb/model/network/cost';
import {
  type Description,
  describeNetwork,
  type RowDescription,
} from '@hebb/model/network/description';
import { googlenet } from '@hebb/model/network/googlenet';
import {
  otherInception5a,
  PAPER_CLAIMS,
  paperTotals,
  separableConv1,
} from '@hebb/model/network/paper';
import { VARIANTS, type Variant } from '@hebb/model/network/variant';
import { Command, Option } from 'commander';
import type { Cli } from './cli.ts';
import { count, layOut, millions, wrap } from './text.ts';
import { integer } from './values.ts';

interface Flags {
  variant: Variant;
  classes: number;
  inputSize: number;
  auxiliary?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  hebb describe                                  the paper's network beside its Table 1
  hebb describe --variant bn3x3 --classes 5      torchvision's, with five classes
  hebb describe --variant naive                  the cost of modules without 1×1 reductions
  hebb describe --json | jq .totals`;

/** `hebb describe`: the network layer by layer, with its cost. */
export function describeCommand(cli: Cli): Command {
  const variants = Object.keys(VARIANTS);
  return new Command('describe')
    .description('print the network layer by layer, with its cost')
    .addOption(
      new Option('--variant <name>', 'variant of the network')
        .choices(variants)
        .default('lrn' as Variant),
    )
    .option('--classes <n>', 'number of classes', integer(2, 100_000), 1000)
    .option('--input-size <pixels>', 'side of the square input', integer(32, 1024), 224)
    .option('--auxiliary', 'include the two auxiliary heads of training')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ auxiliary = false, json, ...spec }: Flags) => {
      const description = describeNetwork(googlenet(spec, { auxiliary }));
      const text = json ? `${JSON.stringify(description, null, 2)}\n` : describeText(description);
      cli.stdout.write(text);
    });
}

const WIDTH = 100;

function describeText(description: Description): string {
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

/** The paper's figures are of this network; beside other variants they only orient. */
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

/** How the paper counted the row's figures, or the letter of the note on figures that do not fit. */
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
    lines.push(`  in training    plus two auxiliary heads: ${cost} multiply-adds`);
  }
  return lines;
}

function comparisons(description: Description): string[] {
  const { comparisons: c, totals: own } = description;
  const naive = c.naiveNetwork;
  const example = c.reductionExample;
  const m = (n: number) => `${millions(n, 1)}M`;
  const printed = paperTotals().parameters;
  const said = `The paper says ${PAPER_CLAIMS.alexNetRatio} times; its own table sums to ${count(Math.round(printed))}K, a ratio of ${(c.alexNet.parameters / (printed * 1024)).toFixed(1)}.`;
  const points = [
    `AlexNet has ${count(c.alexNet.parameters)} parameters (1000 classes), ${times(c.alexNet.ratio)} as many. ${isPaperNetwork(description) ? said : ''}`.trimEnd(),
    `A fully connected layer of 1024 units on the last features would have ${count(c.fullyConnectedWeights)} weights; global average pooling has none.`,
    `A 1×1 reduction, on 14×14×480 → 5×5 → 48: directly ${m(example.direct)} multiply-adds; through 16 channels ${m(example.reduce)} + ${m(example.expand)} = ${m(example.reduced)}, ${times(example.direct / example.reduced)} fewer.`,
  ];
  if (c.naiveModules.length > 0) {
    points.push(
      `Naive modules (no reductions) would make the network ${count(naive.parameters)} parameters and ${m(naive.multiplyAdds)} multiply-adds: ${times(naive.parameters / own.parameters)} and ${times(naive.multiplyAdds / own.multiplyAdds)} as many, because channels add up from module to module. Each module on its own input:`,
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

/** How the figures of the paper's Table 1 were counted, and which of them do not add up. */
function paperNotes({ totals: own }: Description, width: number): string[] {
  const { parameters, operations } = paperTotals();
  const [conv1, inception5a] = [separableConv1(), otherInception5a()];
  const notes = [
    'The paper counts operations in millions (M = 10⁶) and parameters in K = 1024, sometimes with biases and sometimes without, rounded or truncated (as 4a’s 73.6M). No way of counting gives these:',
    `a conv1: a 7×7 kernel on 3 colours has 9.2K weights and 118M operations. 2.7K and 34M are those of a separable convolution with depth multiplier 8 (${count(conv1.parameters)} weights, ${millions(conv1.multiplyAdds, 1)}M), which the group’s next paper describes in this place (arXiv:1502.03167, appendix). Published weights have the full kernel.`,
    'b 4a to 4e and 5b: the operations match the widths in the table, the parameters are 0.2 % (4b) to 7 % (4c) too few. In 4c the columns contradict each other: 463K weights at 14×14 places are 93M operations, not 100M.',
    `c inception5a: both figures are 5 to 6 % too high, and agree with each other. 816 input channels and a 5×5 reduction to 48, where the table has 832 and 32, give ${count(Math.round(inception5a.parameters / 1024))}K and ${millions(inception5a.multiplyAdds, 1)}M: perhaps an earlier version of the network.`,
    `The table sums to ${count(Math.round(parameters))}K parameters and ${count(operations)}M operations, the paper’s “1.5 billion”; with the full conv1 the sum is ${millions(own.multiplyAdds, 0)}M.`,
  ];
  return [...notes.map((note) => wrap(note, width, '', /^[abc] /.test(note) ? '  ' : '')), ''];
}
