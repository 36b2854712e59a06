/**
 * The API key, where the service asks for one: kept for this tab alone, in sessionStorage.
 * @module
 */
import { byId } from './dom.ts';

const NAME = 'hebb-key';

/** The key that was given in this tab. */
export function keptKey(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined; // storage is switched off
  }
}

/** @param given is called when there is a new key */
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
      // then it holds until the page is left
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
