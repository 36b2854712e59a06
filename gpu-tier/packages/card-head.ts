import type { Manifest } from '@hebb/model/package/manifest';
import type { Yaml } from './yaml.ts';

/**
 * The YAML metadata of a model card, from which hubs index the model and its results
 * (https://huggingface.co/docs/hub/model-cards; `model-index` as Papers with Code defines it).
 */
export function cardHead(manifest: Manifest): { readonly [key: string]: Yaml } {
  const { name, lineage, quantization, metrics, training } = manifest;
  return {
    ...(lineage.license ? { license: lineage.license } : {}),
    library_name: 'hebb',
    pipeline_tag: 'image-classification',
    tags: ['googlenet', 'inception-v1', ...(quantization ? ['int8'] : [])],
    ...(training ? { datasets: [slug(training.data)] } : {}),
    ...(metrics
      ? {
          metrics: [metrics.meanAveragePrecision ? 'map' : 'accuracy'],
          'model-index': [{ name, results: results(metrics) }],
        }
      : {}),
  };
}

/** One result per precision. Hubs expect fractions, not percentages. */
function results(metrics: NonNullable<Manifest['metrics']>): Yaml[] {
  const dataset = { name: metrics.data, type: slug(metrics.data) };
  const share = (percent: number) => Number((percent / 100).toFixed(4));
  return (['float', 'int8'] as const).flatMap((precision) => {
    const accuracy = metrics[precision];
    const ranking = metrics.meanAveragePrecision?.[precision];
    const word = precision === 'float' ? 'float32' : 'int8';
    const measured = accuracy
      ? [
          { type: 'accuracy', value: share(accuracy.top1), name: `top-1, ${word}` },
          { type: 'accuracy', value: share(accuracy.top5), name: `top-5, ${word}` },
        ]
      : ranking === undefined
        ? []
        : [{ type: 'map', value: share(ranking), name: `mean average precision, ${word}` }];
    if (measured.length === 0) return [];
    const task = { type: 'image-classification', name: `Image classification, ${word}` };
    return [{ task, dataset, metrics: measured }];
  });
}

/** `flowers/val` → `flowers-val` */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'data';
