import type { Manifest } from '../../shared/model/package/manifest.ts';

/** The README's text about the built-in model, from its manifest. */
export function builtInText({ labels, files, metrics, training, quantization }: Manifest): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const names = labels.map(({ name }) => name).join(', ');
  const percent = (value: number | undefined) => `${value?.toFixed(1)} %`;
  return `The built-in model (${names}; ${(bytes / 1e6).toFixed(1)} MB) was trained from scratch with this command
line on ${training?.images} photographs. On ${metrics?.images} other photographs its accuracy is
${percent(metrics?.int8?.top1)} in int8 and ${percent(metrics?.float?.top1)} in float32; the two agree on
${percent(quantization?.agreement)}. [Its configuration, log and report](docs/built-in-model/).`;
}
