import { VARIANTS } from '../../shared/model/network/variant.ts';
import type { Label, Manifest } from '../../shared/model/package/manifest.ts';

/**
 * The model card of a package: Markdown with the YAML head that model hubs read
 * (https://huggingface.co/docs/hub/model-cards).
 */
export function modelCard(manifest: Manifest): string {
  const { name, network, labels, lineage } = manifest;
  const head = {
    ...(lineage.license ? { license: lineage.license } : {}),
    library_name: 'hebb',
    pipeline_tag: 'image-classification',
    tags: ['googlenet', 'inception-v1', ...(manifest.quantization ? ['int8'] : [])],
  };
  return `---
${yaml(head)}---

# ${name}

GoogLeNet (Szegedy et al. 2014, arXiv:1409.4842) with ${network.classes} classes: ${VARIANTS[network.variant].title}${network.folded ? '; batch norm is folded into the convolutions' : ''}.

${preprocessing(manifest)}

${files(manifest)}${quantization(manifest)}
## Where the weights come from

${table(['what', 'value'], Object.entries(lineage))}

## Labels

${sample(labels)}

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

function quantization({ quantization: q }: Manifest): string {
  if (!q) return '';
  const rows = (['float', 'int8'] as const).flatMap((precision) => {
    const measured = q[precision];
    return measured
      ? [[precision, `${measured.top1.toFixed(1)} %`, `${measured.top5.toFixed(1)} %`]]
      : [];
  });
  const accuracy = rows.length > 0 ? `\n\n${table(['', 'top-1', 'top-5'], rows)}` : '';
  return `
## Quantisation

int8 weights per output channel, unsigned 7-bit activations per tensor (scales: ${q.scales}, ${q.calibrationImages} calibration images). On ${q.evaluationImages} images the top-1 answer agrees with float32 in ${q.agreement.toFixed(1)} %.${accuracy}
`;
}

function sample(labels: readonly Label[]): string {
  const shown = labels
    .slice(0, 10)
    .map(({ id, name }, i) => `${i}. ${name}${id ? ` (${id})` : ''}`);
  const rest = labels.length - shown.length;
  return shown.join('\n') + (rest > 0 ? `\n\n… and ${rest} more in \`manifest.json\`.` : '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const escapeCell = (cell: string): string => cell.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');

function yaml(head: Record<string, string | string[]>): string {
  const scalar = (value: string) => (/^[\w][\w.-]*$/.test(value) ? value : JSON.stringify(value));
  return Object.entries(head)
    .map(([key, value]) =>
      Array.isArray(value)
        ? `${key}:\n${value.map((item) => `  - ${scalar(item)}\n`).join('')}`
        : `${key}: ${scalar(value)}\n`,
    )
    .join('');
}
