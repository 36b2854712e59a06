import type { Taken } from './pick.ts';

/** The pictures that the page brings along: who has none at hand sees it work with them. */
export function useSamples(taken: Taken, failed: (error: unknown) => void): void {
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
