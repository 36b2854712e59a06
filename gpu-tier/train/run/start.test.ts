import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackageFolder, readPackage } from '@hebb/packages/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import { RECIPES, type TrainConfig } from './config.ts';
import { fromPackage } from './start.ts';

/** As `--init PACKAGE --qat` configures it: neither the classifier nor the trunk is trained first. */
const FOR_INT8: TrainConfig = {
  ...RECIPES.transfer,
  name: 'x',
  data: 'photos',
  init: 'default',
  epochs: 0,
  headEpochs: 0,
  unfreeze: [],
  qatEpochs: 3,
};

describe('a run that trains a package for int8', () => {
  let source: PackageFolder;
  let classes: string[];
  beforeAll(async () => {
    const manifest = fileURLToPath(import.meta.resolve('@hebb/model/default/manifest.json'));
    source = await readPackage(dirname(manifest));
    classes = source.manifest.labels.map(({ name }) => name);
  });

  it('starts from the package’s classifier', async () => {
    const tensors = await source.tensors('f32');
    const { state } = await fromPackage(FOR_INT8, classes, source);
    expect(state.get('linear/kernel')).toEqual(tensors.get('linear/kernel')!.data);
  });

  it('starts from a new classifier if that is trained first', async () => {
    const tensors = await source.tensors('f32');
    const { state } = await fromPackage({ ...FOR_INT8, headEpochs: 30 }, classes, source);
    expect(state.get('linear/kernel')).not.toEqual(tensors.get('linear/kernel')!.data);
    expect(state.get('conv1/kernel')).toEqual(tensors.get('conv1/kernel')!.data);
  });

  it('is refused for images with several labels, which the package does not answer', async () => {
    const several = fromPackage({ ...FOR_INT8, multiLabel: true }, classes, source);
    await expect(several).rejects.toMatchObject({
      code: 'invalid_argument',
      hint: expect.stringContaining('Leave out --multi-label'),
    });
  });

  it('is refused for other classes', async () => {
    const others = classes.with(0, 'cats');
    await expect(fromPackage(FOR_INT8, others, source)).rejects.toMatchObject({
      code: 'invalid_argument',
      hint: expect.stringContaining('--recipe transfer'),
    });
  });
});
