import { stat } from 'node:fs/promises';
import { type ImageFile, imageFiles } from '@hebb/images/images';
import { findInCsv } from './csv.ts';

/**
 * The images below a folder, with the class that their path names, or those that a CSV file lists.
 * @param multiLabel whether an image of the list may have several labels
 */
export async function labelledFiles(
  source: string,
  multiLabel: boolean,
): Promise<readonly ImageFile[]> {
  const isFile = (await stat(source).catch(() => undefined))?.isFile() ?? false;
  if (!isFile) return await imageFiles(source);
  const { images } = await findInCsv(source, multiLabel || undefined);
  return images.map(({ path, className, classNames }) =>
    classNames ? { path, labels: classNames } : { path, label: className },
  );
}
