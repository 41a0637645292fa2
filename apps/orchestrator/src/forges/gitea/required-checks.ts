/** Checks that the protection of main requires, read for one very commit. */
import type { CommitOnMain, ReportedChecks, RequiredChecks } from '../port.ts';
import { type GiteaClient, whyNot } from './client.ts';
import { BRANCH, COMBINED } from './shapes.ts';

/** The context of our own status. It is our answer and never asked for: it would wait for itself. */
export const OUR_CONTEXT = 'gatehouse';

/** By context, the last state that was reported. */
type States = ReadonlyMap<string, string>;

export async function requiredChecks(
  gitea: GiteaClient,
  { commit, main, signal }: CommitOnMain,
): Promise<RequiredChecks> {
  const branch = await gitea.call({ method: 'GET', path: branchPath(main), reads: BRANCH, signal });
  if (branch.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(branch) };
  if (!branch.value.enable_status_check) return { kind: 'green' };
  const states = await statesOf(gitea, commit, signal);
  if (states.kind !== 'states') return states;
  return judge(branch.value.status_check_contexts ?? [], states.all);
}

/** The required checks where main requires any, else every one that was reported, but for our own. */
export async function reportedChecks(gitea: GiteaClient, of: CommitOnMain): Promise<ReportedChecks> {
  const branch = await gitea.call({ method: 'GET', path: branchPath(of.main), reads: BRANCH, signal: of.signal });
  if (branch.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(branch) };
  const { enable_status_check, status_check_contexts } = branch.value;
  const required = enable_status_check ? (status_check_contexts ?? []) : [];
  const states = await statesOf(gitea, of.commit, of.signal);
  if (states.kind !== 'states') return states;
  const names = [...states.all.keys()].filter((context) => context !== OUR_CONTEXT);
  if (names.length === 0 && !enable_status_check) return { kind: 'none' };
  const judged = judge(required, states.all);
  return judged.kind === 'green' ? { kind: 'green', names } : judged;
}

export const branchPath = (branch: string): string => `branches/${branch.split('/').map(encodeURIComponent).join('/')}`;

/** A commit that Gitea does not know has no states. */
async function statesOf(
  gitea: GiteaClient,
  commit: string,
  signal?: AbortSignal,
): Promise<{ readonly kind: 'states'; readonly all: States } | Extract<RequiredChecks, { kind: 'unreachable' }>> {
  const all = new Map<string, string>();
  for (let page = 1; ; page += 1) {
    const path = `commits/${commit}/status?limit=50&page=${page}`;
    const answer = await gitea.call({ method: 'GET', path, reads: COMBINED, signal });
    if (answer.kind === 'refused' && answer.status === 404) return { kind: 'states', all };
    if (answer.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(answer) };
    const { statuses, total_count } = answer.value;
    for (const { context, status } of statuses ?? []) all.set(context, status);
    if ((statuses ?? []).length === 0 || all.size >= total_count) return { kind: 'states', all };
  }
}

function judge(required: readonly string[], all: States): RequiredChecks {
  const states = new Map([...all].filter(([context]) => context !== OUR_CONTEXT));
  const wanted = required.filter((context) => context !== OUR_CONTEXT);
  // Required checks without names: everything that was reported has to be green, and something has to be.
  if (required.length === 0)
    return worst(
      [...states].map(([context, state]) => verdict(context, state)),
      'any check',
    );
  return worst(
    wanted.map((pattern) => {
      const matching = [...states].filter(([context]) => matches(pattern, context));
      if (matching.length === 0) return { kind: 'pending', reason: `${pattern} was not reported yet` };
      return worst(
        matching.map(([context, state]) => verdict(context, state)),
        pattern,
      );
    }),
    null,
  );
}

/** @param needed what has to be there; null: nothing. */
function worst(verdicts: readonly RequiredChecks[], needed: string | null): RequiredChecks {
  const found = verdicts.find(({ kind }) => kind === 'red') ?? verdicts.find(({ kind }) => kind !== 'green');
  if (found !== undefined) return found;
  if (verdicts.length === 0 && needed !== null) return { kind: 'pending', reason: `${needed} was not reported yet` };
  return { kind: 'green' };
}

/** Gitea takes any text as a state, and lets nothing but `success` through. */
function verdict(context: string, state: string): RequiredChecks {
  switch (state) {
    case 'success':
      return { kind: 'green' };
    case 'pending':
      return { kind: 'pending', reason: `${context} still runs` };
    case 'failure':
    case 'error':
    case 'warning':
      return { kind: 'red', reason: `${context} ended as ${state}` };
    default:
      return {
        kind: 'red',
        reason: `${context} says ${JSON.stringify(state).slice(0, 40)}, which is not known to be green`,
      };
  }
}

/**
 * A required context may be a pattern: `*` is any text, `?` any letter; other signs stand for themselves. One star is gone
 * back to at most, so that no pattern takes long.
 */
export function matches(pattern: string, context: string): boolean {
  let [at, of, star, from] = [0, 0, -1, 0];
  while (of < context.length) {
    if (pattern[at] === '*') {
      [star, from] = [at, of];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === context[of])) {
      at += 1;
      of += 1;
    } else if (star >= 0) {
      from += 1;
      [at, of] = [star + 1, from];
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
