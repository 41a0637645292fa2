/**
 * The one way to run ssh with a key: that key alone, no agent, no configuration file, no question, and only hosts whose key is
 * known. What a host may make the client do (forward, multiplex, run a command) is switched off by name.
 */
import type { RefusedCall, SshAccess } from './outcome.ts';

const OPTIONS: readonly string[] = [
  'BatchMode=yes',
  'IdentitiesOnly=yes',
  'IdentityAgent=none',
  'CertificateFile=none',
  'PreferredAuthentications=publickey',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'ProxyCommand=none',
  'ControlMaster=no',
  'ControlPath=none',
  'ConnectTimeout=30',
  'ServerAliveInterval=30',
];

const KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];

/** The shell command for `GIT_SSH_COMMAND`, or why a path cannot stand in it. */
export function sshCommand({
  keyFile,
  knownHostsFile,
}: SshAccess): { readonly kind: 'command'; readonly line: string } | RefusedCall {
  for (const [what, path] of [
    ['private key', keyFile],
    ['file of known hosts', knownHostsFile],
  ] as const)
    if (path !== undefined && !isPlainPath(path))
      return {
        kind: 'refused',
        reason: `the path of the ${what} is absolute and holds none of " ' \\ $ and no control character`,
      };
  const known = [...KNOWN_HOSTS, ...(knownHostsFile === undefined ? [] : [literal(knownHostsFile)])];
  const words = [
    'ssh',
    '-F',
    'none',
    '-i',
    literal(keyFile),
    ...OPTIONS.flatMap((option) => ['-o', option]),
    '-o',
    `UserKnownHostsFile=${known.map((path) => `"${path}"`).join(' ')}`,
  ];
  return { kind: 'command', line: words.map((word) => `'${word}'`).join(' ') };
}

const isPlainPath = (path: unknown): path is string =>
  typeof path === 'string' && path.length <= 4096 && /^\/[^"'\\$\p{Cc}]*$/u.test(path);

/** ssh expands percent signs in paths. */
const literal = (path: string): string => path.replaceAll('%', '%%');
