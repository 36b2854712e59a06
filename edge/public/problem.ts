/**
 * An error on the page: what happened, and what to do.
 * @module
 */
import { button, h } from './dom.ts';

interface Told {
  readonly code?: string;
  readonly message: string;
  readonly hint: string;
}

/** What is to be told of an error; one of the service or of the client has a code and a hint. */
export function tell(error: unknown): Told {
  if (error instanceof Error && 'hint' in error && 'code' in error) {
    return { code: String(error.code), message: error.message, hint: String(error.hint) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: 'Reload the page and try again.' };
}

/** Whether a key would help, or another one: `key_required`, `key_invalid`, `scope_missing`. */
export const wantsKey = (error: unknown): boolean => /^(key|scope)_/.test(tell(error).code ?? '');

/**
 * @param retry what a button "Try again" does; there is none without it
 * @param advice in the place of what the error says is to be done
 */
export function problemNote(error: unknown, retry?: () => void, advice?: string): HTMLElement {
  const { code, message, hint } = tell(error);
  return h(
    'div',
    'note',
    h('p', '', h('strong', '', message), code && ' ', code && h('code', 'muted', code)),
    h('p', '', advice ?? hint),
    retry && button('Try again', retry),
  );
}
