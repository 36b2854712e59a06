import { HebbError } from '@hebb/model/errors';
import { examine } from '@hebb/tensorflow/native/doctor/examine';
import type { Finding } from '@hebb/tensorflow/native/doctor/finding';
import { type Host, thisHost } from '@hebb/tensorflow/native/host';
import { Command } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';

const MARKS: Readonly<Record<Finding['state'], string>> = { ok: '✓', note: '–', problem: '✗' };

/** `hebb doctor`: checks that this machine has what the GPU tier needs, and says how to get it. */
export function doctorCommand(cli: Cli, host: Host = thisHost()): Command {
  return new Command('doctor')
    .description('check this machine: Node, compiler, Python, TensorFlow, GPU, ports')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 1 when there is a problem (✗); notes (–) do not count.',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const { env } = cli;
      const ports = [
        { number: Number(env.HEBB_PORT ?? 8787), use: 'the edge' },
        { number: Number(env.HEBB_GPU_PORT ?? 8788), use: 'the GPU tier' },
      ];
      const findings = await examine({ cache: cacheFolder(cli), host, env, ports });
      cli.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : asText(findings));
      const problems = findings.filter(({ state }) => state === 'problem').length;
      if (problems === 0) return;
      const count = problems === 1 ? 'is a problem' : `are ${problems} problems`;
      throw new HebbError('machine_not_ready', `There ${count} on this machine.`);
    });
}

function asText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ subject, state, found, fix }) => {
      const line = `${MARKS[state]} ${subject.padEnd(width)}  ${found}\n`;
      return fix ? `${line}${' '.repeat(width + 4)}→ ${fix}\n` : line;
    })
    .join('');
}
