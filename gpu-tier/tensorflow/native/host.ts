/**
 * The platform that the native library is for.
 * @module
 */
export interface Host {
  /** The values of `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc, such as 2.36; undefined on macOS and on Linux without glibc. */
  readonly glibc: string | undefined;
}

/** The machine that this process runs on. */
export function thisHost(): Host {
  const { platform, arch } = process;
  return { platform, arch, glibc: platform === 'linux' ? glibcVersion() : undefined };
}

function glibcVersion(): string | undefined {
  // Otherwise DNS lookups of open connections can take seconds (@types/node lacks the property).
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}
