/** Which Node the command runs on. Read by every Node that can import at all: nothing here is newer than that. */

/** Oldest Node that works, as major and minor. */
const OLDEST = [22, 18] as const;

/** One sentence about a Node (`process.versions.node`) that is too old; null for one that will do. */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `gatehouse needs Node ${OLDEST.join('.')} or newer and this is ${version}; install one (nvm install 24, or https://nodejs.org), or run \`npm run -s gatehouse\` in a checkout, which brings its own`;
}
