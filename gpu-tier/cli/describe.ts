import { Command } from 'commander';
import type { Cli } from './cli.ts';

export function describeCommand(_cli: Cli): Command {
  return new Command('describe').description('print the network layer by layer');
}
