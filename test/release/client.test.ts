/**
 * `@hebb/client`, packed, installed into an empty project, and used with a real Worker as its README shows.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorker, type TestWorker } from '../support/worker.ts';
import { installed, type Project } from './installed.ts';

let project: Project;
let worker: TestWorker;

beforeAll(async () => {
  project = await installed('client');
  worker = await startWorker({ model: BUILT_IN_MODEL });
});
afterAll(() => worker?.close());

it('classifies in Node', async () => {
  await copyFile(join(ROOT, 'test/samples/sunflower.jpg'), join(project.dir, 'photo.jpg'));
  await project.write(
    'use.js',
    `import { readFile } from 'node:fs/promises';
     import { HebbClient, HebbError } from '@hebb/client';
     const hebb = new HebbClient({ edge: '${worker.url}' });
     const photo = new Blob([await readFile('photo.jpg')]);
     console.log((await hebb.classify(photo, { top: 2 })).predictions[0].label);
     const files = [{ name: 'a.jpg', image: photo }, { name: 'b.jpg', image: new Blob(['no photo']) }];
     for await (const line of hebb.batch(files)) console.log(line.name, line.error?.code ?? line.tier);
     await hebb.classify(new Blob([])).catch((error) => console.log(error instanceof HebbError, error.code));`,
  );
  expect(await project.node('use.js')).toBe(
    'sunflowers\na.jpg edge\nb.jpg unsupported_format\ntrue missing_image\n',
  );
});

it('has declarations that compile in strict mode', async () => {
  await project.write(
    'typed.ts',
    `import { HebbClient, type ErrorCode } from '@hebb/client';
     const hebb = new HebbClient({ edge: 'http://localhost:8787' });
     const { predictions } = await hebb.classify(new Blob([]), { top: 2 });
     export const label: string = predictions[0]!.label;
     export const code: ErrorCode = 'overloaded';
     // @ts-expect-error: top is a number
     await hebb.classify(new Blob([]), { top: 'two' });`,
  );
  await project.typecheck('typed.ts');
});
