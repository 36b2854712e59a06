/**
 * The API key, if the service requires one. It is kept for this tab only, in sessionStorage.
 * @module
 */
import { byId } from './dom.ts';

const NAME = 'hebb-key';

/** The key that was entered in this tab. */
export function keptKey(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined; // storage is disabled
  }
}

/** @param given called with each key that is entered */
export function keyForm(given: (key: string) => void): { ask(): void } {
  const form = byId<HTMLFormElement>('key-form');
  const field = byId<HTMLInputElement>('key');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const key = field.value.trim();
    if (key === '') return;
    try {
      sessionStorage.setItem(NAME, key);
    } catch {
      // storage is disabled: the key lasts until the page is closed
    }
    form.hidden = true;
    field.value = '';
    given(key);
  });
  return {
    ask() {
      form.hidden = false;
      field.focus();
    },
  };
}
