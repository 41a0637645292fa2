/** What GitHub requires of a commit before it may be on a branch: rulesets, and the classic protection as far as it may be read. */
import type { z } from 'zod';
import type { GithubApi } from './api.ts';
import { inPath, read, type Unanswered } from './call.ts';
import { BRANCH, PROTECTION, RULE } from './shapes.ts';

/** `appId` null: whoever reports it. */
export interface RequiredContext {
  readonly context: string;
  readonly appId: number | null;
}

export interface BranchRules {
  readonly kind: 'rules';
  readonly required: readonly RequiredContext[];
  /** Of how many people who may write; of a classic protection as far as it may be read. */
  readonly approvals: number;
  readonly isProtected: boolean;
  /** Kinds of rules, without repetition. */
  readonly types: readonly string[];
  /** Rulesets of this repository; those of an organisation cannot be looked up there. */
  readonly rulesets: readonly number[];
  /** Whether the classic protection binds administrators; null: there is none, or only they may read it. */
  readonly bindsAdmins: boolean | null;
}

/** What we say ourselves is not waited for. */
export const OWN_CONTEXT = 'gatehouse';

interface Question {
  readonly branch: string;
  readonly signal?: AbortSignal | undefined;
}

/** A repository's rules are told to everybody who may read it; the classic protection in full to administrators alone. */
export async function readBranchRules(api: GithubApi, { branch, signal }: Question): Promise<BranchRules | Unanswered> {
  const at = inPath(branch);
  const [ruled, found, guarded] = await Promise.all([
    api.list({ path: `/rules/branches/${at}`, signal }),
    api.ask({ method: 'GET', path: `/branches/${at}`, signal }).then((asked) => read(asked, BRANCH)),
    api.ask({ method: 'GET', path: `/branches/${at}/protection`, signal }).then((asked) => read(asked, PROTECTION)),
  ]);
  if (ruled.kind !== 'list' && !isUnpaid(ruled)) return ruled;
  if (found.kind !== 'read') return found;
  // Refused: the token is no administrator's, or there is none; the branch itself shows the checks all the same.
  if (guarded.kind !== 'read' && guarded.kind !== 'refused') return guarded;
  const rules = (ruled.kind === 'list' ? ruled.items : []).map((item) => RULE.safeParse(item));
  const broken = rules.some(({ success }) => !success);
  if (broken) return { kind: 'unclear', reason: `GitHub's rules of ${branch} are not read here` };
  const known = rules.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const protection = guarded.kind === 'read' ? guarded.value : found.value.protection;
  const classic = protection?.required_status_checks;
  const counts = [...known.map(({ parameters }) => parameters), protection?.required_pull_request_reviews];
  return {
    kind: 'rules',
    required: [...known.flatMap(requiredOf), ...contextsOf(classic)],
    approvals: Math.max(0, ...counts.map((one) => one?.required_approving_review_count ?? 0)),
    isProtected: found.value.protected || known.length > 0,
    types: [...new Set(known.map(({ type }) => type))],
    rulesets: [...new Set(known.flatMap(({ ruleset_id: id }) => (id === undefined ? [] : [id])))],
    bindsAdmins: guarded.kind === 'read' ? (guarded.value.enforce_admins?.enabled ?? false) : null,
  };
}

/** From memory: a private repository without a paid plan can have no rules, and says so instead of an empty list. */
const isUnpaid = (asked: Unanswered): boolean =>
  asked.kind === 'refused' && asked.status === 403 && /upgrade to github/i.test(asked.reason);

const requiredOf = ({ parameters }: z.output<typeof RULE>): RequiredContext[] =>
  (parameters?.required_status_checks ?? []).map(({ context, integration_id: appId }) => ({
    context,
    appId: appId ?? null,
  }));

/** `contexts` is the older half of the same list. -1 is any App, too. */
function contextsOf(classic: z.output<typeof PROTECTION>['required_status_checks']): RequiredContext[] {
  const checks = (classic?.checks ?? []).map(({ context, app_id: appId }) => ({
    context,
    appId: appId === -1 ? null : appId,
  }));
  const older = (classic?.contexts ?? []).filter((context) => !checks.some((one) => one.context === context));
  return [...checks, ...older.map((context) => ({ context, appId: null }))];
}
