/**
 * Recognises, in the end of a failed command's output, that the machine failed and not the code. The phrases are
 * those of kernels, shells, package managers and resolvers; a connection refused on loopback is the suite's own.
 */

/** An ending by a fault that only the output names. */
export type MachineEnding = 'out-of-memory' | 'disk-full' | 'no-processes' | 'network-down';

const PHRASES: readonly { readonly ending: MachineEnding; readonly pattern: RegExp }[] = [
  { ending: 'disk-full', pattern: /\bENOSPC\b|No space left on device|\bEDQUOT\b|Disk quota exceeded/i },
  {
    ending: 'out-of-memory',
    pattern:
      /JavaScript heap out of memory|Cannot allocate memory|\bENOMEM\b|fatal: out of memory|signal=SIGKILL|^Killed$/i,
  },
  {
    ending: 'no-processes',
    pattern: /fork: (?:retry: )?Resource temporarily unavailable|spawn \S+ EAGAIN|\bENFILE\b/i,
  },
  {
    ending: 'network-down',
    pattern:
      /npm (?:error|ERR!) (?:code )?(?:ENOTFOUND|ETIMEDOUT|ECONNRESET|EAI_AGAIN|ECONNREFUSED|ENETUNREACH)\b|\bEAI_AGAIN\b|Temporary failure in name resolution|Could not resolve host|Network is unreachable|\bENETUNREACH\b|TLS handshake timeout|Failed to establish a new connection|ERR_PNPM_META_FETCH_FAIL|getaddrinfo ENOTFOUND/i,
  },
];

const LOOPBACK = /\blocalhost\b|\b127\.\d+\.\d+\.\d+\b|\[?::1\]?/;

/** A fault is printed at the end; an early mention may be a test of error handling. */
const TAIL_CHARS = 16_384;
const LINE_CHARS = 300;

/** The first line near the end that names a fault of the machine, or null. Total, linear in its bounded input. */
export function machineFaultIn(output: string): { readonly ending: MachineEnding; readonly line: string } | null {
  for (const raw of output.slice(-TAIL_CHARS).split('\n')) {
    const line = raw.trim().slice(0, LINE_CHARS);
    const found = PHRASES.find(({ pattern }) => pattern.test(line));
    if (found !== undefined && !(found.ending === 'network-down' && LOOPBACK.test(line))) {
      return { ending: found.ending, line };
    }
  }
  return null;
}
