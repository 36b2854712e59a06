import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@hebb/model';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it } from 'vitest';
import { findPackage } from './find.ts';
import { type PackageContent, readPackage, writePackage } from './folder.ts';

const WEIGHTS = writeSafetensors(
  new Map([['linear/bias', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]),
);

const content: PackageContent = {
  manifest: {
    name: 'cats-and-dogs',
    network: { variant: 'bn3x3', classes: 2, inputSize: 224, folded: true },
    preprocessing: {
      channelOrder: 'rgb',
      mean: [1, 2, 3],
      scale: [0.1, 0.2, 0.3],
      resize: { rule: 'shorter-side', size: 256 },
      crop: 224,
    },
    labels: [{ id: 'n02121808', name: 'cat' }, { name: 'dog' }],
    lineage: { source: 'a test', license: 'apache-2.0' },
  },
  weights: { f32: WEIGHTS },
};

describe('a package folder', () => {
  it('is read back as it was written', async () => {
    const dir = join(await temporaryFolder(), 'models', 'cats-and-dogs');
    const written = await writePackage(dir, content);
    const read = await readPackage(dir);
    expect(read.manifest).toEqual(written);
    expect(read.manifest.version).toMatch(/^[0-9a-f]{64}$/);
    expect((await read.tensors('f32')).get('linear/bias')!.data).toEqual(Float32Array.of(1, 2));
    expect((await readdir(dir)).sort()).toEqual([
      'README.md',
      'manifest.json',
      'weights.f32.safetensors',
    ]);
  });

  it('has a version that depends on its content only', async () => {
    const folder = await temporaryFolder();
    const write = async (name: string, manifest: Partial<PackageContent['manifest']>) =>
      (
        await writePackage(join(folder, name), {
          ...content,
          manifest: { ...content.manifest, ...manifest },
        })
      ).version;
    const first = await write('a', {});
    expect(await write('b', { lineage: { source: 'elsewhere' } })).toBe(first);
    expect(await write('c', { labels: [{ name: 'cat' }, { name: 'wolf' }] })).not.toBe(first);
  });

  it('has a model card with YAML that hubs read', async () => {
    const dir = join(await temporaryFolder(), 'p');
    await writePackage(dir, content);
    const card = await readFile(join(dir, 'README.md'), 'utf8');
    expect(card).toMatch(
      /^---\nlicense: apache-2\.0\nlibrary_name: hebb\npipeline_tag: image-classification\n/,
    );
    expect(card).toContain('# cats-and-dogs');
    expect(card).toContain('0. cat (n02121808)\n1. dog\n');
    expect(card).toContain('mean [1,2,3] and scale [0.1,0.2,0.3]');
  });

  it('replaces an older package, and keeps files that are not part of the format', async () => {
    const folder = await temporaryFolder();
    const dir = join(folder, 'p');
    await writePackage(dir, { ...content, weights: { f32: WEIGHTS, int8: WEIGHTS } });
    await writeFile(join(dir, 'NOTES.txt'), 'mine');
    await writePackage(dir, content);
    expect((await readdir(dir)).sort()).toEqual([
      'NOTES.txt',
      'README.md',
      'manifest.json',
      'weights.f32.safetensors',
    ]);
    expect(await readdir(folder)).toEqual(['p']); // no temporary folders are left
  });

  it('keeps the old package when the new one cannot be written', async () => {
    const folder = await temporaryFolder();
    const dir = join(folder, 'p');
    const { version } = await writePackage(dir, content);
    const wrong = { ...content.manifest, labels: [{ name: 'only one' }] };
    await expect(writePackage(dir, { ...content, manifest: wrong })).rejects.toThrow(
      'labels must be one per class: 2, not 1',
    );
    expect((await readPackage(dir)).manifest.version).toBe(version);
    expect(await readdir(folder)).toEqual(['p']);
  });

  it('does not overwrite a folder that is not a package', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'thesis.tex'), 'four years');
    await expect(writePackage(folder, content)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await readdir(folder)).toEqual(['thesis.tex']);
  });

  it('detects changed weights', async () => {
    const dir = join(await temporaryFolder(), 'p');
    await writePackage(dir, content);
    const file = join(dir, 'weights.f32.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    const read = await readPackage(dir);
    await expect(read.tensors('f32')).rejects.toMatchObject({
      code: 'invalid_package',
      message: expect.stringContaining('weights.f32.safetensors is not the file'),
    });
  });

  it('names the missing precision and how to get it', async () => {
    const dir = join(await temporaryFolder(), 'p');
    await writePackage(dir, content);
    await expect((await readPackage(dir)).bytes('int8')).rejects.toMatchObject({
      message: expect.stringContaining('no weights.int8.safetensors'),
      hint: expect.stringContaining('hebb quantize'),
    });
  });

  it('names a missing file', async () => {
    const folder = await temporaryFolder();
    await expect(readPackage(folder)).rejects.toMatchObject({ code: 'file_not_found' });
    await writeFile(join(folder, 'manifest.json'), '{"format": "other"}');
    await expect(readPackage(folder)).rejects.toMatchObject({ code: 'invalid_package' });
  });
});

describe('a PACKAGE argument', () => {
  it('is a folder, or a name under models/', async () => {
    const cwd = await temporaryFolder();
    await writePackage(join(cwd, 'models', 'a'), content);
    await writePackage(join(cwd, 'elsewhere', 'b'), content);
    await symlink(join(cwd, 'elsewhere', 'b'), join(cwd, 'link'));
    expect(findPackage('a', cwd)).toBe(join(cwd, 'models', 'a'));
    expect(findPackage('elsewhere/b', cwd)).toBe(join(cwd, 'elsewhere', 'b'));
    expect(findPackage('link', cwd)).toBe(join(cwd, 'link'));
  });

  it('is reported when it is neither', async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, 'models', 'empty'), { recursive: true });
    expect(() => findPackage('empty', cwd)).toThrow('There is no model package at empty.');
  });
});
