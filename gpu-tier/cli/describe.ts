import { Command, Option } from 'commander';
import { describeNetwork } from '../../shared/model/network/description.ts';
import { googlenet } from '../../shared/model/network/googlenet.ts';
import { VARIANTS, type Variant } from '../../shared/model/network/variant.ts';
import type { Cli } from './cli.ts';
import { describeText } from './describe-text.ts';
import { integer } from './values.ts';

interface Flags {
  variant: Variant;
  classes: number;
  inputSize: number;
  auxiliary?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  hebb describe                                  the paper's network beside its Table 1
  hebb describe --variant bn3x3 --classes 5      torchvision's, with five classes
  hebb describe --variant naive                  what modules without 1×1 reductions cost
  hebb describe --json | jq .totals`;

/** `hebb describe`: the network layer by layer, with what it costs. */
export function describeCommand(cli: Cli): Command {
  const variants = Object.keys(VARIANTS);
  return new Command('describe')
    .description('print the network layer by layer, with what it costs')
    .addOption(
      new Option('--variant <name>', 'which network').choices(variants).default('lrn' as Variant),
    )
    .option('--classes <n>', 'number of classes', integer(2, 100_000), 1000)
    .option('--input-size <pixels>', 'side of the square input', integer(32, 1024), 224)
    .option('--auxiliary', 'with the two auxiliary heads that training has')
    .option('--json', 'the same as JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ auxiliary = false, json, ...spec }: Flags) => {
      const description = describeNetwork(googlenet(spec, { auxiliary }));
      const text = json ? `${JSON.stringify(description, null, 2)}\n` : describeText(description);
      cli.stdout.write(text);
    });
}
