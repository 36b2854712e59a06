import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, PACKAGE_FORMAT } from '@hebb/model';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { modelCard } from './card.ts';
import { readPackage, writePackage } from './folder.ts';
import { recordResults } from './record-results.ts';
import { yaml } from './yaml.ts';

const MANIFEST: Manifest = {
  format: PACKAGE_FORMAT,
  name: 'flowers',
  version: 'a'.repeat(64),
  network: { variant: 'bn5x5', classes: 2, inputSize: 224, folded: true },
  preprocessing: {
    channelOrder: 'rgb',
    mean: [1, 2, 3],
    scale: [0.1, 0.2, 0.3],
    resize: { rule: 'shorter-side', size: 256 },
    crop: 224,
  },
  labels: [{ name: 'daisy' }, { name: '<b>rose</b> | [x](y)' }],
  files: {},
  metrics: {
    data: 'flowers/val',
    images: 1393,
    float: { top1: 92.619, top5: 100 },
    int8: { top1: 92.36, top5: 99.9 },
  },
  training: {
    data: 'flowers',
    images: 2931,
    fingerprint: 'f'.repeat(64),
    settings: { epochs: '120', seed: '1' },
  },
  lineage: { source: 'hebb train', license: 'cc-by-2.0' },
};

describe('the card of a trained package', () => {
  const card = modelCard(MANIFEST);

  it('has results in its YAML, as hubs read them', () => {
    expect(card.slice(0, card.indexOf('\n---\n', 3))).toBe(`---
license: cc-by-2.0
library_name: hebb
pipeline_tag: image-classification
tags:
  - googlenet
  - inception-v1
datasets:
  - flowers
metrics:
  - accuracy
model-index:
  - name: flowers
    results:
      - task:
          type: image-classification
          name: "Image classification, float32"
        dataset:
          name: "flowers/val"
          type: flowers-val
        metrics:
          - type: accuracy
            value: 0.9262
            name: "top-1, float32"
          - type: accuracy
            value: 1
            name: "top-5, float32"
      - task:
          type: image-classification
          name: "Image classification, int8"
        dataset:
          name: "flowers/val"
          type: flowers-val
        metrics:
          - type: accuracy
            value: 0.9236
            name: "top-1, int8"
          - type: accuracy
            value: 0.999
            name: "top-5, int8"`);
  });

  it('states accuracy, training, use and limits', () => {
    expect(card).toContain('On flowers/val, 1,393 images that it was not trained on:');
    expect(card).toContain('| float | 92.6 % | 100.0 % |\n| int8 | 92.4 % | 99.9 % |');
    expect(card).toContain('| images | 2,931 |');
    expect(card).toContain('| epochs | 120 |');
    expect(card).toContain('## Intended use and limits\n\nTells which of 2 classes an image shows');
    expect(card).toContain('images like those of flowers, which it was trained on');
  });

  it('escapes Markdown in labels', () => {
    expect(card).toContain('1. \\<b\\>rose\\</b\\> | \\[x\\](y)');
    expect(card).not.toContain('<b>');
  });

  it('states that nothing was measured', () => {
    const { metrics: _, training: __, ...plain } = MANIFEST;
    const bare = modelCard(plain);
    expect(bare).toContain('Nothing was measured for this card');
    expect(bare).not.toMatch(/model-index|datasets|## Training|## Accuracy/);
  });
});

describe('results', () => {
  it('are recorded in a package without changing weights or version', async () => {
    const dir = join(await temporaryFolder(), 'flowers');
    const weights = { f32: Uint8Array.of(1, 2, 3), int8: Uint8Array.of(4) };
    const { format: _, version: __, files: ___, metrics, training, ...manifest } = MANIFEST;
    const before = await writePackage(dir, { manifest, weights });
    const after = await recordResults(dir, { metrics: metrics!, training: training! });
    expect(after).toEqual({ ...before, metrics, training });
    const folder = await readPackage(dir);
    expect(folder.manifest).toEqual(after);
    expect(new Uint8Array(await folder.bytes('int8'))).toEqual(weights.int8);
    expect(await readFile(join(dir, 'README.md'), 'utf8')).toContain('model-index:');
  });
});

describe('YAML', () => {
  it('quotes strings that YAML would read as another type', () => {
    expect(
      yaml({ a: 'yes', b: '1.5', c: 'a: b', d: 'cc-by-4.0', e: '', f: '2026-01-01', g: 2 }),
    ).toBe('a: "yes"\nb: "1.5"\nc: "a: b"\nd: cc-by-4.0\ne: ""\nf: "2026-01-01"\ng: 2\n');
  });
});
