import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFiles } from '@hebb/images/images';
import { writePhoto } from '@hebb/test/support/photos';
import type { Example } from '@hebb/train/dataset/dataset';

const COUNT = 512;

/** Images of a folder; without one, JPEG files of a usual size that are made for it. */
export async function photographs(folder: string | undefined): Promise<readonly Example[]> {
  if (folder !== undefined) {
    const files = (await imageFiles(folder)).slice(0, COUNT);
    return files.map(({ path }) => ({ path, label: 0 }));
  }
  const dir = await mkdtemp(join(tmpdir(), 'hebb-bench-'));
  const paths: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const file = join(dir, `${i}.jpg`);
    paths.push(await writePhoto(file, i, { width: 340, height: 256 }));
  }
  return paths.map((path) => ({ path, label: 0 }));
}
