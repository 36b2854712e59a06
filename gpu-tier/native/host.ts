/**
 * The machine that the native library is for.
 * @module
 */
export interface Host {
  /** As `process.platform` and `process.arch` say. */
  readonly platform: string;
  readonly arch: string;
  /** Of the C library, as in 2.36; undefined on macOS and on Linux without glibc. */
  readonly glibc: string | undefined;
}

/** The machine that this process runs on. */
export function thisHost(): Host {
  const { platform, arch } = process;
  return { platform, arch, glibc: platform === 'linux' ? glibcVersion() : undefined };
}

function glibcVersion(): string | undefined {
  // Looking up the names of open connections can take seconds (@types/node lacks the property).
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}
