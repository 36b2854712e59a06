import type { Manifest } from '../../shared/model/package/manifest.ts';

/** What the README says of the model that comes with the project, from its manifest. */
export function builtInText({ labels, files, metrics, training, quantization }: Manifest): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const names = labels.map(({ name }) => name).join(', ');
  const percent = (value: number | undefined) => `${value?.toFixed(1)} %`;
  return `The built-in model (${names}; ${(bytes / 1e6).toFixed(1)} MB) was trained with this command line from
scratch on ${training?.images} photographs. On the ${metrics?.images} that it has not seen it is right in
${percent(metrics?.int8?.top1)} in int8 and in ${percent(metrics?.float?.top1)} in float32; the two agree on
${percent(quantization?.agreement)}. [Its configuration, log and report](docs/built-in-model/).`;
}
