import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, writeSafetensors } from '@hebb/model';
import { writePackage } from '@hebb/packages/folder';
import { GRAPH_INPUT } from '@hebb/tensorflow/graph/inference';
import { createGraphRunner } from '@hebb/tensorflow/graph/runner';
import { loadGraph } from '@hebb/tensorflow/graph/session';
import { noise, randomModel } from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { hebb } from '@hebb/test/support/cli';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { exportCommand } from 'hebb/export';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';

const model = randomModel('bn3x3');

async function inPackageFolder() {
  const cwd = await temporaryFolder();
  const manifest: Manifest = await writePackage(join(cwd, 'models', 'birds'), {
    manifest: {
      name: 'birds',
      network: model.network.spec,
      preprocessing: { ...model.preprocessing, resize: { rule: 'warp', size: 80 }, crop: 64 },
      labels: Array.from({ length: 10 }, (_, i) => ({ id: `b${i}`, name: `bird ${i}` })),
      lineage: { source: 'seeded random weights' },
    },
    weights: { f32: writeSafetensors(model.weights) },
  });
  const run = (...args: string[]) => hebb(['export', ...args], { cwd, commands: [exportCommand] });
  return { cwd, manifest, run };
}

describe('hebb export', () => {
  it('writes ONNX that ONNX Runtime loads', async () => {
    const { cwd, run } = await inPackageFolder();
    const { code, stdout } = await run('birds', '--format', 'onnx');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Wrote birds\.onnx \(\d\d\.\d MB\): image float32 RGB \[n, 3, 64, 64\], normalised → /,
    );
    const session = await InferenceSession.create(join(cwd, 'birds.onnx'));
    expect(session.inputNames).toEqual(['image']);
    expect(session.outputNames).toEqual(['probabilities', 'logits', 'embedding']);
    await session.release();
  });

  it('writes a SavedModel with its labels, and replaces it', async () => {
    const { cwd, run } = await inPackageFolder();
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await run('birds', '--format', 'savedmodel', '--out', 'out/birds/1');
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringContaining('Wrote out/birds/1 ('),
      });
      expect((await readdir(join(cwd, 'out/birds/1'))).sort()).toEqual([
        'assets.extra',
        'saved_model.pb',
      ]);
    }
    const labels = await readFile(join(cwd, 'out/birds/1/assets.extra/labels.txt'), 'utf8');
    expect(labels.split('\n').slice(0, 2)).toEqual(['b0 bird 0', 'b1 bird 1']);
  });

  it('does not overwrite folders that are not a SavedModel', async () => {
    const { cwd, run } = await inPackageFolder();
    const { code, stderr } = await run('birds', '--format', 'savedmodel', '--out', 'models');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('is not empty and not a SavedModel'),
    });
    expect(await readdir(join(cwd, 'models'))).toEqual(['birds']);
    await writeFile(join(cwd, 'file'), '');
    expect((await run('birds', '--format', 'savedmodel', '--out', 'file')).code).toBe(2);
  });

  it('needs a format, an existing package, and f32 for ONNX', async () => {
    const { run } = await inPackageFolder();
    expect((await run('birds')).stderr).toContain("required option '--format <format>'");
    expect((await run('birds', '--format', 'h5')).stderr).toContain('Allowed choices are');
    expect(await run('fish', '--format', 'onnx')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error file_not_found: There is no model package at fish.'),
    });
    expect(await run('birds', '--format', 'onnx', '--precision', 'bf16')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('An ONNX file is written in f32 only.'),
    });
  });
});

describeWithTensorFlow('an exported SavedModel', () => {
  it.each(['f32', 'bf16'] as const)(
    'in %s computes the same as the GPU tier',
    async (precision) => {
      const { cwd, run } = await inPackageFolder();
      await run('birds', '--format', 'savedmodel', '--precision', precision);
      const binding = tensorflow();
      const session = await loadGraph(
        binding,
        await readFile(join(cwd, 'birds.savedmodel', 'saved_model.pb')),
      );
      const pixels = noise(2, 64);
      const feed = { name: GRAPH_INPUT, dtype: binding.TF_UINT8, shape: [2, 64, 64, 3] };
      const [probabilities] = session.run([{ ...feed, data: pixels }], ['probabilities']);
      session.dispose();
      const runner = await createGraphRunner({ binding, ...model, precision });
      const ours = runner.run(pixels, 2).probabilities;
      runner.dispose();
      expect(ours).toHaveLength(20);
      ours.forEach((p, i) => {
        expect(probabilities![i]).toBeCloseTo(p, 5);
      });
    },
  );
});
