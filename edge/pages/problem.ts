/**
 * Errors on the page: what happened, and what to do.
 * @module
 */
import { button, h } from './dom.ts';

interface ErrorText {
  readonly code?: string;
  readonly message: string;
  readonly hint: string;
}

/** The texts of an error; those of the service and of the client have a code and a hint. */
export function tell(error: unknown): ErrorText {
  if (error instanceof Error && 'hint' in error && 'code' in error) {
    return { code: String(error.code), message: error.message, hint: String(error.hint) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: 'Reload the page and try again.' };
}

/** Whether a key, or another key, would help: `key_required`, `key_invalid`, `scope_missing`. */
export const wantsKey = (error: unknown): boolean => /^(key|scope)_/.test(tell(error).code ?? '');

/**
 * A note with an error's message, code and hint.
 * @param retry called by a button "Try again", which is left out without it
 * @param advice replaces the error's hint
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
