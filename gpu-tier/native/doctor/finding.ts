/** One thing that was looked at. */
export interface Finding {
  readonly subject: string;
  /** `note`: worth knowing, nothing fails for it. `problem`: something will not work. */
  readonly state: 'ok' | 'note' | 'problem';
  readonly found: string;
  /** What to do about it: a command where there is one. */
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
