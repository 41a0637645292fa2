/** The line that is started for a request: the command, inside of what marks it, inside of what tells its status. */
import { findCommand } from './adapters/command-path.ts';
import { keeperEnvironment } from './adapters/keeper-program.ts';
import { parentEntries, parentEnvironment } from './adapters/parent-environment.ts';
import { procIsOurs } from './adapters/procfs.ts';
import { canRunShell } from './adapters/shell-probe.ts';
import type { Chosen } from './choose.ts';
import type { CommandLine } from './containment/containment.ts';
import { childEnvironment } from './environment.ts';
import { exactLine, sortVariables } from './exact-line.ts';
import type { Request } from './spec.ts';
import { parkStderr, type StatusShell, throughStatusShell } from './status-shell.ts';
import type { RunEnd } from './verdict.ts';

export interface LaunchLine {
  readonly kind: 'line';
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Null where the command is our own child. */
  readonly shell: StatusShell | null;
}

export interface LaunchRequest {
  readonly request: Request;
  readonly chosen: Chosen;
  readonly home: { readonly path: string } | null;
}

type Refused = RunEnd & { readonly kind: 'spawn-failed' | 'refused' };

/**
 * The path of a wrapped command is resolved first: a shell that cannot become it would only exit with 126 or 127.
 */
export function launchLine({ request, chosen, home }: LaunchRequest): LaunchLine | Refused {
  const { command } = request;
  const needsShell = needsStatusShell(request, chosen);
  const shell = needsShell ? parkStderr(request.descriptors) : null;
  if (needsShell && shell === null)
    return { kind: 'refused', reason: 'descriptors 3 to 9 are all to be passed on, and one of them has to be free' };
  const hasShell = shell !== null || chosen.marks !== null;
  const { args, env, tail } = exactly(request, { home, hasShell });
  if (!hasShell) return { kind: 'line', file: command, args, env, shell };
  const found = findCommand(command, request.cwd, env['PATH']);
  if (found.kind === 'spawn-failed') return found;
  // What env(1) searches itself keeps the name it was called by; a name with a `=` would be a variable to it.
  const file = request.inheritsAll && !command.includes('=') ? command : found.file;
  const line = { file, args, ...(tail === null ? {} : { tail }) };
  const marked: CommandLine = chosen.mechanism.wrap(line);
  if (chosen.kept !== null) return { kind: 'line', ...marked, env: keeperEnvironment(env), shell };
  return {
    kind: 'line',
    ...(shell === null ? marked : throughStatusShell(marked, shell, request.ignoreHangup ? 1 : 0)),
    env,
    shell,
  };
}

/**
 * A keeper tells the status itself. Only Linux has signals that Node does not know. Where /proc shows no parents, `plain` reaches its
 * direct child only.
 */
const needsStatusShell = (request: Request, { mechanism, kept }: Chosen): boolean =>
  kept === null &&
  process.platform === 'linux' &&
  !request.trusted &&
  canRunShell() &&
  (mechanism.level !== 'plain' || procIsOurs());

interface Words {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tail: string | null;
}

/** Words and variables as they are asked for, with what a shell on the way needs to know of them. */
function exactly(request: Request, way: Pick<LaunchRequest, 'home'> & { readonly hasShell: boolean }): Words {
  const { args, ignoreHangup } = request;
  const own = sortVariables(request.inheritsAll ? parentEntries() : []);
  if (!way.hasShell) {
    const odd = own.odd.map((bytes) => Buffer.from(bytes).toString('utf8'));
    const rest = odd.map((entry) => [entry.slice(0, entry.indexOf('=', 1)), entry.slice(entry.indexOf('=', 1) + 1)]);
    return {
      args: args.map(asText),
      env: { ...environmentOf(), ...own.plain, ...Object.fromEntries(rest) },
      tail: null,
    };
  }
  const variables = request.inheritsAll && !request.command.includes('=') ? own : null;
  const line = exactLine(args, variables, ENV);
  const hangup = ignoreHangup ? `trap '' 1\n${line.tail ?? 'exec "$@"'}` : line.tail;
  return { args: line.args, env: { ...environmentOf(), ...own.plain, ...line.env }, tail: hangup };

  function environmentOf(): Record<string, string> {
    if (request.inheritsAll) return {};
    const set = way.home === null ? request.set : { ...request.set, HOME: way.home.path };
    return childEnvironment(parentEnvironment(), { ...request, set }, process.platform);
  }
}

/** Of POSIX systems. */
const ENV = '/usr/bin/env';

const asText = (word: string | Uint8Array): string =>
  typeof word === 'string' ? word : Buffer.from(word).toString('utf8');
