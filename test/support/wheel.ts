/**
 * Small real wheels, and kinds of Python that real machines have.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Wheel } from '@hebb/tensorflow/native/wheels';
import { describe } from 'vitest';

/** Packs the files into a wheel that pip accepts, as `argv[1]`. */
const MAKE_WHEEL = `
import json, sys, zipfile
path, files = sys.argv[1], json.loads(sys.argv[2])
name, version = path.split('/')[-1].split('-')[:2]
info = f'{name}-{version}.dist-info/'
files[info + 'METADATA'] = f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n'
files[info + 'WHEEL'] = 'Wheel-Version: 1.0\\nGenerator: hebb\\nRoot-Is-Purelib: false\\n'
files[info + 'RECORD'] = ''.join(f'{file},,\\n' for file in files)
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
    for file, text in files.items():
        archive.writestr(file, text)
`;

/** The real Python behind wrappers such as pyenv's, which runs with any PATH; '' if there is none. */
export const PYTHON = findPython();

/** `describe` for tests that need Python with pip. */
export function describeWithPip(name: string, body: () => void): void {
  if (!PYTHON) console.warn(`SKIPPED without Python with pip: ${name}`);
  describe.skipIf(!PYTHON)(name, body);
}

function findPython(): string {
  try {
    const args = ['-c', 'import sys, pip, venv; print(sys.executable)'];
    return execFileSync('python3', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/** Writes a wheel of that file name into `folder`. */
export function writeWheel(folder: string, file: string, files: Record<string, string>): Wheel {
  const path = join(folder, file);
  execFileSync(PYTHON, ['-c', MAKE_WHEEL, path, JSON.stringify(files)]);
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file, bytes: bytes.length, sha256 };
}

/** A Python without pip, as in Debian. */
export function pythonWithoutPip(folder: string): string {
  execFileSync(PYTHON, ['-m', 'venv', '--without-pip', folder]);
  return join(folder, 'bin', 'python3');
}
