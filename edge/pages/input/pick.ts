/**
 * Images chosen in the file dialog, dropped (folders too), pasted, or taken from the page's samples.
 * @module
 */
import { byId } from '../dom.ts';

/** Receives the chosen files, at least one. */
export type Taken = (files: readonly File[]) => void;

/** Files of a dropped folder that are images. Files chosen by themselves are all sent, and may be refused. */
const LOOKS_LIKE_IMAGE = /\.(jpe?g|png|webp|avif|gif|hei[cf])$/i;

export function pickImages(taken: Taken, failed: (error: unknown) => void): void {
  const take = (files: readonly File[]) => files.length > 0 && taken(files);
  chosen(take);
  sampled(take, failed);
  pasted(take);
  dropped(take, failed);
}

function chosen(take: Taken): void {
  const input = byId<HTMLInputElement>('files');
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = ''; // so that the same file can be chosen again
    take(files);
  });
}

/** Sample pictures of the page, to try it without a file. */
function sampled(taken: Taken, failed: (error: unknown) => void): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-sample]')) {
    const name = `${button.dataset.sample}.jpg`;
    button.addEventListener('click', () => {
      fetch(`/assets/samples/${name}`)
        .then(async (response) => new File([await response.blob()], name, { type: 'image/jpeg' }))
        .then((file) => taken([file]))
        .catch(failed);
    });
  }
}

function pasted(take: Taken): void {
  addEventListener('paste', ({ clipboardData }) => {
    take([...(clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/')));
  });
}

function dropped(take: Taken, failed: (error: unknown) => void): void {
  const zone = byId('drop');
  let depth = 0; // of nested elements under the pointer
  const over = (change: number) => {
    depth = Math.max(0, depth + change);
    zone.classList.toggle('over', depth > 0);
  };
  addEventListener('dragenter', () => over(1));
  addEventListener('dragleave', () => over(-1));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    over(0);
    const { items, files } = event.dataTransfer ?? {};
    const entries = [...(items ?? [])].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
    if (!entries.some((entry) => entry.isDirectory)) take([...(files ?? [])]);
    else filesOf(entries).then(take).catch(failed);
  });
}

/** The files among entries, and the images in folders among them, sorted by name. */
async function filesOf(entries: readonly FileSystemEntry[], inFolder = false): Promise<File[]> {
  const found: File[] = [];
  for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
    if (entry.isDirectory) {
      found.push(...(await filesOf(await children(entry as FileSystemDirectoryEntry), true)));
    } else if (!inFolder || LOOKS_LIKE_IMAGE.test(entry.name)) {
      const { promise, resolve, reject } = Promise.withResolvers<File>();
      (entry as FileSystemFileEntry).file(resolve, reject);
      found.push(await promise);
    }
  }
  return found;
}

async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<FileSystemEntry[]>();
    reader.readEntries(resolve, reject); // at most a hundred per call
    const some = await promise;
    if (some.length === 0) return found;
    found.push(...some);
  }
}
