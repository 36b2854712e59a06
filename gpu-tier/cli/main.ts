/**
 * The `hebb` command line: passes the process to the commands. Each command has a file beside this one.
 * @module
 */
import { classifyCommand } from './classify.ts';
import { dataCommand } from './data.ts';
import { describeCommand } from './describe.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { jobsCommand } from './jobs.ts';
import { keysCommand } from './keys.ts';
import { modelsCommand } from './models.ts';
import { nativeCommand } from './native.ts';
import { publishCommand } from './publish.ts';
import { quantizeCommand } from './quantize.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommands } from './run.ts';
import { serveCommand } from './serve.ts';
import { trainCommand } from './train.ts';

// `hebb describe | head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const code = await runCommands(
  process.argv.slice(2),
  [
    classifyCommand,
    describeCommand,
    dataCommand,
    importCommand,
    trainCommand,
    quantizeCommand,
    evalCommand,
    publishCommand,
    rollbackCommand,
    modelsCommand,
    keysCommand,
    jobsCommand,
    exportCommand,
    serveCommand,
    nativeCommand,
    doctorCommand,
  ],
  {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: () => process.stdin,
    cwd: process.cwd(),
    env: process.env,
    fetch,
    now: () => performance.now(),
  },
);
// Without an error the code that a command has set stays, such as 130 of a training that was stopped.
if (code !== 0) process.exitCode = code;
