/**
 * Recognises, in the end of a failed command's output, that the machine failed and not the code. The phrases are
 * those of kernels, shells, package managers and resolvers; a connection refused on loopback is the suite's own.
 */
export type MachineFaultHint = 'out-of-memory' | 'disk-full' | 'no-processes' | 'network-down';

const PHRASES: readonly { readonly trouble: MachineFaultHint; readonly pattern: RegExp }[] = [
  { trouble: 'disk-full', pattern: /\bENOSPC\b|No space left on device|\bEDQUOT\b|Disk quota exceeded/i },
  {
    trouble: 'out-of-memory',
    pattern:
      /JavaScript heap out of memory|Cannot allocate memory|\bENOMEM\b|fatal: out of memory|signal=SIGKILL|^Killed$/i,
  },
  {
    trouble: 'no-processes',
    pattern: /fork: (?:retry: )?Resource temporarily unavailable|spawn \S+ EAGAIN|\bENFILE\b/i,
  },
  {
    trouble: 'network-down',
    pattern:
      /npm (?:error|ERR!) (?:code )?(?:ENOTFOUND|ETIMEDOUT|ECONNRESET|EAI_AGAIN|ECONNREFUSED|ENETUNREACH)\b|\bEAI_AGAIN\b|Temporary failure in name resolution|Could not resolve host|Network is unreachable|\bENETUNREACH\b|TLS handshake timeout|Failed to establish a new connection|ERR_PNPM_META_FETCH_FAIL|getaddrinfo ENOTFOUND/i,
  },
];

const LOOPBACK = /\blocalhost\b|\b127\.\d+\.\d+\.\d+\b|\[?::1\]?/;

/** Trouble is told at the end; an early mention may be a test of error handling. */
const TAIL_CHARS = 16_384;
const LINE_CHARS = 300;

/** The first line near the end that names machine trouble, or null. Total, linear in its bounded input. */
export function machineFaultIn(output: string): { readonly trouble: MachineFaultHint; readonly line: string } | null {
  for (const raw of output.slice(-TAIL_CHARS).split('\n')) {
    const line = raw.trim().slice(0, LINE_CHARS);
    const found = PHRASES.find(({ pattern }) => pattern.test(line));
    if (found !== undefined && !(found.trouble === 'network-down' && LOOPBACK.test(line))) {
      return { trouble: found.trouble, line };
    }
  }
  return null;
}
