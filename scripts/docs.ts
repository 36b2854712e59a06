/**
 * `npm run docs`: writes the generated parts of the docs (docs/pages.ts).
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { generatedPages } from './docs/pages.ts';

for (const [path, content] of await generatedPages()) await writeFile(path, content);
