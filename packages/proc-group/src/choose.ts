/** Picks the containment for a request, or refuses it. Never claims a level that the machine did not show. */
import { type LeafUsage, leafUsage, limitLeaf, makeLeaf, removeLeaf } from './adapters/cgroup.ts';
import { type Kept, keepRun } from './adapters/keeper.ts';
import type { ContainmentMechanism } from './containment/containment.ts';
import { type CookieContainment, cookieContainment } from './containment/cookie.ts';
import { groupContainment } from './containment/group.ts';
import { keptContainment } from './containment/kept.ts';
import { kernelContainment } from './containment/kernel.ts';
import { namespaceContainment, withoutInit } from './containment/namespace.ts';
import { plainContainment } from './containment/plain.ts';
import { unkeptContainment } from './containment/unkept.ts';
import type { Marks } from './exec-through.ts';
import { cookieAbility, heredityFor, keeperAbility, kernelAbility, namespaceAbility } from './machine.ts';
import type { Request } from './spec.ts';
import type { AppliedLimits, Level } from './verdict.ts';

export interface Chosen {
  readonly kind: 'chosen';
  readonly mechanism: ContainmentMechanism;
  /** How processes are recognised; null where processes carry no mark. */
  readonly marks: Marks | null;
  /** Null where the command is our own child. */
  readonly kept: Kept | null;
  readonly limits: AppliedLimits;
  readonly usage: () => LeafUsage | null;
  /** What opens the namespace that the command runs in; null: it runs among ours. */
  readonly opener: readonly string[] | null;
}

export type RefusedContainment = { readonly kind: 'refused'; readonly reason: string };

const NO_LEAF = { leaf: null, joins: false } as const;

const STRENGTH: { readonly [L in Level]: number } = { plain: 0, group: 1, cookie: 2, namespace: 3, kernel: 4 };

export async function choose(request: Request): Promise<Chosen | RefusedContainment> {
  const found = await strongest(request);
  if (found.kind === 'refused') return found;
  const chosen = found.opener === null ? found : { ...found, mechanism: withoutInit(found.mechanism, found.opener) };
  const { level } = chosen.mechanism;
  if (request.require === null || STRENGTH[level] >= STRENGTH[request.require]) return chosen;
  await chosen.mechanism.close();
  return { kind: 'refused', reason: `the request requires level ${request.require}, and only ${level} can be had` };
}

async function strongest(request: Request): Promise<Chosen | RefusedContainment> {
  const { inside } = request;
  // Only what marks a run finds a command behind the process that opened its world.
  if (inside !== null && (process.platform === 'win32' || ['plain', 'group'].includes(request.containment)))
    return { kind: 'refused', reason: 'a world of its own needs the levels kernel or cookie' };
  if (process.platform === 'win32' || request.containment === 'plain') return bare(plainContainment(), request);
  if (request.containment === 'group') return bare(groupOf(request), request);
  const cookie = await cookieAbility();
  if (request.containment === 'namespace') {
    const opener = await namespaceAbility();
    const inner = opener.usable && cookie.usable ? cookieContainment(cookie.means, request.limits, NO_LEAF) : null;
    if (!opener.usable || inner === null)
      return { kind: 'refused', reason: cookie.usable ? opener.reason : cookie.reason };
    const { prefix, leader } = opener.means;
    const line = request.session === 'own' ? [...prefix, ...leader] : prefix;
    return {
      ...marked(inner.marks, request),
      opener: line,
      ...(await keep(namespaceContainment(inner, line), request)),
    };
  }
  // A command that runs as another user cannot move itself into our leaf.
  const kernel = request.runAs === null && request.containment === 'best' ? await kernelAbility() : null;
  const leaf = kernel?.usable === true ? makeLeaf(kernel.means.parent) : null;
  const joins = leaf !== null && !(await keeperAbility()).usable;
  const found = cookie.usable ? cookieContainment(cookie.means, request.limits, { leaf, joins }) : null;
  if (found === null) {
    if (leaf !== null) removeLeaf(leaf);
    if (inside !== null) return { kind: 'refused', reason: 'a world of its own needs a mark, and none can be set' };
    return bare(groupOf(request), request);
  }
  const inner = inside === null ? found : namespaceContainment(found, inside);
  if (leaf === null) return { ...marked(inner.marks, request), opener: inside, ...(await keep(inner, request)) };
  const limits = { ...marked(inner.marks, request).limits, ...leafLimits(leaf, request.limits) };
  const kept = await keep(kernelContainment(inner, leaf), request);
  return { kind: 'chosen', ...kept, marks: inner.marks, limits, usage: () => leafUsage(leaf), opener: inside };
}

async function keep(inner: CookieContainment, request: Request): Promise<Pick<Chosen, 'mechanism' | 'kept'>> {
  const keeper = await keeperAbility();
  if (!keeper.usable) return { mechanism: unkeptContainment(inner, await heredityFor(keeper.reason)), kept: null };
  const kept = keepRun(keeper.means, { session: request.session, leaf: inner.marks.leaf });
  return { mechanism: keptContainment(inner, kept), kept };
}

/** A command in our own process group has none that could be signalled as one. */
const groupOf = ({ session }: Request): ContainmentMechanism =>
  session === 'ours' ? plainContainment() : groupContainment();

function bare(mechanism: ContainmentMechanism, { limits }: Request): Chosen {
  const unapplied = Object.keys(limits).map((name) => [name, 'none']);
  return {
    kind: 'chosen',
    mechanism,
    marks: null,
    kept: null,
    limits: Object.fromEntries(unapplied),
    usage: () => null,
    opener: null,
  };
}

function marked(marks: Marks, { limits }: Request): Omit<Chosen, 'mechanism' | 'kept' | 'opener'> {
  const applied: AppliedLimits = {
    ...(limits.cpuSeconds === undefined ? {} : { cpuSeconds: 'process' }),
    ...(limits.maxMemoryBytes === undefined ? {} : { maxMemoryBytes: 'process' }),
    ...(limits.maxProcesses === undefined ? {} : { maxProcesses: 'none' }),
  };
  return { kind: 'chosen', marks, limits: applied, usage: () => null };
}

/** What the leaf's controllers bound for the run as a whole. */
function leafLimits(leaf: string, { maxProcesses, maxMemoryBytes }: Request['limits']): AppliedLimits {
  const pids = maxProcesses !== undefined && limitLeaf(leaf, 'pids.max', maxProcesses);
  const memory = maxMemoryBytes !== undefined && limitLeaf(leaf, 'memory.max', maxMemoryBytes);
  return { ...(pids ? { maxProcesses: 'run' } : {}), ...(memory ? { maxMemoryBytes: 'run' } : {}) };
}
