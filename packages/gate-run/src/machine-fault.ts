/**
 * Recognises, in the end of a failed command's output, that the machine failed and not the code. A line is believed only
 * where kernel, shell, package manager, runtime or resolver speak in their own form, and never where it reads like a
 * test's title or assertion: those may name any fault. A connection refused on loopback is the suite's own.
 */

/** An ending by a fault that only the output names. */
export type MachineEnding = 'out-of-memory' | 'disk-full' | 'no-processes' | 'network-down';

/** What a program says before the words of the system: nothing, or its name and what it was doing, up to a colon. */
const SAID = String.raw`(?:^|: |\] |\) )`;
const NPM = `^(?:npm|yarn|pnpm)? ?(?:ERR!|error) (?:code |errno |syscall )?`;

const PHRASES: readonly { readonly ending: MachineEnding; readonly pattern: RegExp }[] = [
  {
    ending: 'disk-full',
    pattern: new RegExp(
      `${SAID}(?:ENOSPC: |EDQUOT: |No space left on device|Disk quota exceeded)|${NPM}(?:ENOSPC|EDQUOT)\\b`,
      'i',
    ),
  },
  {
    ending: 'out-of-memory',
    pattern: new RegExp(
      `FATAL ERROR: .*JavaScript heap out of memory|${SAID}(?:Cannot allocate memory|ENOMEM: |out of memory$)|${NPM}ENOMEM\\b|signal=SIGKILL, exitCode=|^Killed$|^\\S*sh: (?:line )?\\d+: +\\d+ Killed\\b`,
      'i',
    ),
  },
  {
    ending: 'no-processes',
    pattern: new RegExp(
      `fork: (?:retry: )?Resource temporarily unavailable|${SAID}Cannot fork$|${SAID}spawn \\S+ EAGAIN|${SAID}ENFILE: `,
      'i',
    ),
  },
  {
    ending: 'network-down',
    pattern: new RegExp(
      `${NPM}(?:ENOTFOUND|ETIMEDOUT|ECONNRESET|EAI_AGAIN|ECONNREFUSED|ENETUNREACH)\\b|${SAID}(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|connect ENETUNREACH|Temporary failure in name resolution|Could not resolve host|Failed to establish a new connection|(?:connect: )?Network is unreachable|net/http: TLS handshake timeout)|^\\s*ERR_PNPM_META_FETCH_FAIL`,
      'i',
    ),
  },
];

const LOOPBACK = /\blocalhost\b|\b127\.\d+\.\d+\.\d+\b|\[?::1\]?/;

/** The words and signs of runners and of assertions: a title, a comparison, a quotation, a line of a diff. */
const OF_A_TEST =
  /\b(?:expect(?:ed|s)?|assert\w*|actual|received|should|to(?:Be|Equal|Throw|Match)\w*|not ok|FAIL(?:ED|URE)?)\b|^(?:ok \d|[+\-✓✔✗✘✖×●] |E {2,}|['"`>|])/;

/** A fault is printed at the end; an early mention may be a test of error handling. */
const TAIL_CHARS = 16_384;
const LINE_CHARS = 300;

/** The first line near the end that names a fault of the machine, or null. Total, linear in its bounded input. */
export function machineFaultIn(output: string): { readonly ending: MachineEnding; readonly line: string } | null {
  for (const raw of output.slice(-TAIL_CHARS).split('\n')) {
    const line = raw.trim().slice(0, LINE_CHARS);
    if (OF_A_TEST.test(line)) continue;
    const found = PHRASES.find(({ pattern }) => pattern.test(line));
    if (found !== undefined && !(found.ending === 'network-down' && LOOPBACK.test(line))) {
      return { ending: found.ending, line };
    }
  }
  return null;
}
