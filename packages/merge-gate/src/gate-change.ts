/** Judges a branch that changes what the trusted test command runs: DESIGN's "a changed test command needs an override". */
import type { GitFault } from '@gatehouse/gate-run';
import type { ChangedEntry } from '@gatehouse/git';
import { compareDefinitions } from './gate-definition/compare.ts';
import type { ChangedDefinition } from './gate-definition/finding.ts';
import { type GitFiles, openGitFiles } from './gate-definition/git-files.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import { decideTest, type TestDecision, WHOLE } from './path-rules/decide.ts';
import { pathsThroughLinks } from './path-rules/through-links.ts';
import { isProse } from './path-rules/trust-paths.ts';

export type GateChange =
  | {
      readonly kind: 'unchanged';
      readonly warnings: readonly string[];
      readonly decision: TestDecision;
      readonly changed: readonly ChangedEntry[];
    }
  | { readonly kind: 'gate-changed'; readonly changes: readonly ChangedDefinition[] }
  | GitFault;

const MAX_LISTED = 10;

/** Compares base with the commit that would land. With `allowGateChange` a change is said and does not stop. */
export async function judgeGateChange(
  request: ParsedMergeRequest,
  tested: string,
  signal: AbortSignal,
): Promise<GateChange> {
  const { git, base, policy, gitTimeoutMs: timeoutMs } = request;
  const files = await openGitFiles({ repo: git, base, tested, timeoutMs, signal });
  if ('kind' in files) return files;
  const commands = policy.setup === undefined ? [policy.command] : [policy.command, policy.setup];
  const { changes, touched } = await compareDefinitions(commands, files);
  const isTrusted = changes.length + touched.length > 0;
  const asked = await decideThroughLinks(request, { tested, files, isTrusted, signal });
  // A command that the branch changes proves nothing about the branch.
  const own = asked.kind === 'narrowed' ? await compareDefinitions([asked.command], files) : null;
  const isOwn = own !== null && (own.changes.length > 0 || own.touched.some(({ path }) => !isProse(path)));
  const decision = isOwn ? WHOLE : asked;
  if (files.fault !== null) return files.fault;
  const stopping = policy.gateFiles === 'block' ? [...changes, ...touched] : changes;
  if (stopping.length > 0 && !request.allowGateChange) return { kind: 'gate-changed', changes: stopping };
  return {
    kind: 'unchanged',
    warnings: [...changes.map(allowed), ...touchedWarning(touched)],
    decision,
    changed: files.entries,
  };
}

/** Links are followed only where a rule would hold without them. */
async function decideThroughLinks(
  { git: repo, rules, gitTimeoutMs: timeoutMs }: ParsedMergeRequest,
  asked: {
    readonly tested: string;
    readonly files: GitFiles;
    readonly isTrusted: boolean;
    readonly signal: AbortSignal;
  },
): Promise<TestDecision> {
  const { files, isTrusted } = asked;
  const plain = decideTest(rules, { paths: files.changed, isTrusted });
  if (plain.kind === 'whole') return plain;
  const more = await pathsThroughLinks({ ...asked, repo, changed: files.entries, timeoutMs });
  if (more === null) return WHOLE;
  return more.length === 0 ? plain : decideTest(rules, { paths: new Set([...files.changed, ...more]), isTrusted });
}

const allowed = ({ path, name, after, shadows }: ChangedDefinition): string =>
  shadows === true
    ? `gate-changed: ${path} ${name}, by override`
    : `gate-changed: ${path} ${name} is now ${JSON.stringify((after ?? '').slice(0, 200))}, by override`;

const touchedWarning = (touched: readonly ChangedDefinition[]): readonly string[] => {
  if (touched.length === 0) return [];
  const all = [...new Set(touched.map(({ path, name }) => `${path} ${name}`.trim()))];
  const more = all.length > MAX_LISTED ? ` and ${all.length - MAX_LISTED} more` : '';
  return [
    `gate-touched: the branch changes what decides how it is tested: ${all.slice(0, MAX_LISTED).join(', ')}${more}`,
  ];
};
