import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Imported, importOnnx } from '@hebb/models/import/importer';
import type { PreprocessingFlags } from '@hebb/models/import/preprocessing';
import { encodeModel, type ModelProto } from '@hebb/models/onnx/model';
import { temporaryFolder } from './temporary.ts';

export const labelsFor = (classes: number) =>
  Array.from({ length: classes }, (_, i) => ({ name: `class ${i}` }));

/** Writes a model to a real file, with `external` data beside it, and imports it. */
export async function importModel(
  model: ModelProto | Uint8Array,
  options: {
    classes?: number;
    flags?: PreprocessingFlags;
    external?: Record<string, Uint8Array>;
  } = {},
): Promise<Imported & { path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, 'model.onnx');
  await writeFile(path, model instanceof Uint8Array ? model : encodeModel(model));
  for (const [name, bytes] of Object.entries(options.external ?? {})) {
    await writeFile(join(folder, name), bytes);
  }
  const imported = await importOnnx(path, {
    name: 'test',
    labels: labelsFor(options.classes ?? 10),
    importer: 'test',
    preprocessing: options.flags ?? {},
  });
  return { ...imported, path };
}
