import { type Found, isMissing } from '../tools.ts';
import { type Finding, note, ok, problem } from './finding.ts';

/** A tool that the installation needs, and nothing after it. */
export function checkTool(subject: string, found: Found, installed: boolean): Finding {
  if (!isMissing(found)) return ok(subject, `${found.version} (${found.command})`);
  if (installed) return note(subject, `${found.message} Not needed: TensorFlow is installed.`);
  return problem(subject, found.message, found.fix);
}
