/**
 * Which Node runs the packages. An older one lacks functions that their code calls, some of them in listeners that no
 * `neverRaise` can reach, so nothing is started on it. `engines` of every package says the same.
 */

const OLDEST = { major: 22, minor: 18 } as const;

/** Why this version of Node cannot run the packages, in one sentence; null where it can, and for a version that is no number. */
export function nodeFault(version: string): string | null {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number);
  const older = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  return older ? `Node ${OLDEST.major}.${OLDEST.minor} or newer is needed, this is ${version}` : null;
}
