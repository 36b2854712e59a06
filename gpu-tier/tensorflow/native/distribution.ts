import { HebbError } from '@hebb/model/errors';
import type { Host } from './host.ts';
import { DISTRIBUTIONS, type Distribution, type Flavour, TENSORFLOW_VERSION } from './wheels.ts';

/** The wheels are built against this C library (the 2_27 in manylinux_2_27). */
const LEAST_GLIBC = '2.27';

/** The wheels of TensorFlow for `host`. Throws `native_unavailable` if there are none. */
export function distributionFor(host: Host, flavour: Flavour): Distribution {
  const machine = `${host.platform}-${host.arch}`;
  const flavours = DISTRIBUTIONS[machine];
  if (!flavours) {
    throw new HebbError('native_unavailable', `There is no TensorFlow library for ${machine}.`, {
      hint: `Supported are ${Object.keys(DISTRIBUTIONS).join(', ')}.`,
    });
  }
  const distribution = flavours[flavour];
  if (!distribution) {
    throw new HebbError('native_unavailable', `There is no TensorFlow with CUDA for ${machine}.`, {
      hint: 'Omit --gpu.',
    });
  }
  if (host.platform === 'linux' && !isAtLeast(host.glibc, LEAST_GLIBC)) {
    const found = host.glibc ? `glibc ${host.glibc}` : 'no glibc';
    throw new HebbError(
      'native_unavailable',
      `TensorFlow's library needs glibc ${LEAST_GLIBC} or newer; this machine has ${found}.`,
      { hint: 'Use a distribution with glibc (Debian 10, Ubuntu 18.10 or newer), not Alpine.' },
    );
  }
  return distribution;
}

/**
 * The folder name of an installation, from everything that its files depend on. The addon is built for Node-API 8,
 * which all versions of Node share.
 */
export const installKey = ({ platform, arch }: Host, flavour: Flavour): string =>
  `tensorflow-${TENSORFLOW_VERSION}-${platform}-${arch}-${flavour}-napi8`;

function isAtLeast(version: string | undefined, least: string): boolean {
  const [major = 0, minor = 0] = (version ?? '0').split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
