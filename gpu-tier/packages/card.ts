import { VARIANT_TITLES } from '@hebb/model/network/variant';
import {
  type Label,
  type Manifest,
  type MeanAveragePrecision,
  type MeasuredAccuracy,
  thresholdOf,
} from '@hebb/model/package/manifest';
import { cardHead } from './card-head.ts';
import { yaml } from './yaml.ts';

/**
 * The model card of a package: Markdown with YAML metadata that model hubs read
 * (https://huggingface.co/docs/hub/model-cards).
 */
export function modelCard(manifest: Manifest): string {
  const { name, network, labels, lineage } = manifest;
  return `---
${yaml(cardHead(manifest))}---

# ${name}

GoogLeNet (Szegedy et al. 2014, arXiv:1409.4842) with ${network.classes} classes: ${VARIANT_TITLES[network.variant]}${network.folded ? '; batch norm is folded into the convolutions' : ''}.

${measured(manifest)}${intendedUse(manifest)}
${preprocessing(manifest)}

${files(manifest)}${quantization(manifest)}${training(manifest)}
## Where the weights come from

${table(['what', 'value'], Object.entries(lineage))}

## Labels

${sample(labels, network.output === 'sigmoid')}

Version \`${manifest.version}\`: a digest of the network, preprocessing, labels and weights.
`;
}

function preprocessing({ network, preprocessing: p }: Manifest): string {
  const rule =
    p.resize.rule === 'warp'
      ? `to ${p.resize.size}×${p.resize.size}, whatever its aspect`
      : `until its shorter side is ${p.resize.size}`;
  const steps = [
    `The image is resized ${rule}, then the middle ${p.crop}×${p.crop} is cut out.`,
    `Each pixel value v (0–255) becomes (v − mean) × scale, with mean [${p.mean}] and scale [${p.scale}] in the order red, green, blue.`,
    `The network reads float32 [n, ${network.inputSize}, ${network.inputSize}, 3] with channels in ${p.channelOrder.toUpperCase()} order.`,
  ];
  return `## Input\n\n${steps.map((step, i) => `${i + 1}. ${step}`).join('\n')}`;
}

function files({ files }: Manifest): string {
  const rows = Object.entries(files).map(([file, { bytes, sha256 }]) => [
    `\`${file}\``,
    `${(bytes / 1e6).toFixed(1)} MB`,
    `\`${sha256}\``,
  ]);
  return `## Files\n\n${table(['file', 'size', 'sha256'], rows)}\n`;
}

function measured({ metrics }: Manifest): string {
  if (!metrics) return '';
  return `## Accuracy

On ${metrics.data}, ${count(metrics.images)} images that it was not trained on:

${accuracyTable(metrics)}

`;
}

function intendedUse({ network, labels, training, metrics }: Manifest): string {
  const some = labels.slice(0, 5).map(({ name }) => inline(name));
  const which = labels.length > some.length ? `${some.join('; ')}; …` : some.join('; ');
  const source = training
    ? `images like those of ${inline(training.data)}, which it was trained on`
    : 'images like those it was trained on';
  const several = network.output === 'sigmoid';
  const limits = [
    several
      ? `It knows these ${network.classes} classes and nothing else; an image may have several of them, or none.`
      : `It knows these ${network.classes} classes and nothing else: an image of something else gets one of them as its answer, sometimes with a high probability.`,
    `Expect less on other images than on ${source}: other cameras, drawings${several ? '' : ', several things in one picture'}.`,
    ...(metrics
      ? [`${count(metrics.images)} images were measured on; \`hebb eval\` gives the 95 % interval.`]
      : ['Nothing was measured for this card: run `hebb eval` on images of your own.']),
    'Decisions about people, or where a mistake does harm, are not what it was made for.',
  ];
  return `## Intended use and limits

Tells which of ${network.classes} classes an image shows (${which})${several ? ': each class has its own probability (sigmoid), and an image shows those whose probability reaches their threshold' : ''}.

${limits.map((limit) => `- ${limit}`).join('\n')}
`;
}

function training({ training }: Manifest): string {
  if (!training) return '';
  const rows = [
    ['data set', training.data],
    ['images', count(training.images)],
    ['fingerprint of the data', `\`${training.fingerprint}\``],
    ...Object.entries(training.settings),
  ];
  return `\n## Training\n\n${table(['what', 'value'], rows)}\n`;
}

function quantization({ quantization: q }: Manifest): string {
  if (!q) return '';
  const measured = q.float || q.int8 || q.meanAveragePrecision;
  const accuracy = measured ? `\n\n${accuracyTable(q)}` : '';
  return `
## Quantisation

int8 weights per output channel, unsigned 7-bit activations per tensor (scales: ${q.scales}, ${q.calibrationImages} calibration images). On ${q.evaluationImages} images ${q.meanAveragePrecision ? `the labels overlap with those of float32 by ${q.agreement.toFixed(1)} %` : `the top-1 answer agrees with float32 in ${q.agreement.toFixed(1)} %`}.${accuracy}
`;
}

function accuracyTable(of: {
  float?: MeasuredAccuracy;
  int8?: MeasuredAccuracy;
  meanAveragePrecision?: MeanAveragePrecision;
}): string {
  const { meanAveragePrecision } = of;
  if (meanAveragePrecision) {
    const rows = Object.entries(meanAveragePrecision).map(([precision, value]) => [
      precision,
      `${value.toFixed(1)} %`,
    ]);
    return table(['', 'mean average precision'], rows);
  }
  const rows = (['float', 'int8'] as const).flatMap((precision) => {
    const accuracy = of[precision];
    if (!accuracy) return [];
    const { top1, top5 } = accuracy;
    return [[precision, `${top1.toFixed(1)} %`, `${top5.toFixed(1)} %`]];
  });
  return table(['', 'top-1', 'top-5'], rows);
}

const count = (n: number): string => n.toLocaleString('en-US');

/** Text for a line of Markdown: characters that start a tag, a link or emphasis are escaped. */
const inline = (text: string): string => text.replace(/[\\`*_[\]<>]/g, '\\$&').replace(/\s+/g, ' ');

function sample(labels: readonly Label[], several: boolean): string {
  const shown = labels.slice(0, 10).map((label, i) => {
    const { id, name } = label;
    const limit = several ? `, from a probability of ${thresholdOf(label)}` : '';
    return `${i}. ${inline(name)}${id ? ` (${inline(id)})` : ''}${limit}`;
  });
  const rest = labels.length - shown.length;
  return shown.join('\n') + (rest > 0 ? `\n\n… and ${rest} more in \`manifest.json\`.` : '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const escapeCell = (cell: string): string => cell.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');
