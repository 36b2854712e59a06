/** The result of one check. */
export interface Finding {
  readonly subject: string;
  /** `note`: information, nothing fails. `problem`: something will not work. */
  readonly state: 'ok' | 'note' | 'problem';
  readonly found: string;
  /** The remedy, a command if possible. */
  readonly fix?: string;
}

export const ok = (subject: string, found: string): Finding => ({ subject, state: 'ok', found });

export const note = (subject: string, found: string, fix?: string): Finding => ({
  subject,
  state: 'note',
  found,
  ...(fix && { fix }),
});

export const problem = (subject: string, found: string, fix: string): Finding => ({
  subject,
  state: 'problem',
  found,
  fix,
});
