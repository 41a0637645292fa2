/** Judges a branch that changes what the trusted test command runs: DESIGN's "a changed test command needs an override". */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { changedPaths, readBlob } from '@gatehouse/git';
import { type ChangedDefinition, compareDefinitions, type FilePair } from './gate-definition/compare.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import { decideTest, type TestDecision, WHOLE } from './path-rules/decide.ts';
import { isProse } from './path-rules/trust-paths.ts';

export type GateChange =
  | { readonly kind: 'unchanged'; readonly warnings: readonly string[]; readonly decision: TestDecision }
  | { readonly kind: 'gate-changed'; readonly changes: readonly ChangedDefinition[] }
  | GitFault;

/** Manifests larger than this are not read; a script written by hand does not stand in such a file. */
const MAX_BYTES = 1_048_576;
const MAX_LISTED = 10;

/** Compares base with the commit that would land. With `allowGateChange` a change is said and does not stop. */
export async function judgeGateChange(
  request: ParsedMergeRequest,
  tested: string,
  signal: AbortSignal,
): Promise<GateChange> {
  const { git, base, policy, gitTimeoutMs: timeoutMs } = request;
  const limits = { repo: git, timeoutMs, signal };
  const listed = await changedPaths({ ...limits, base, head: tested });
  if (listed.kind !== 'listed') return gitFault('list of changed paths', listed);
  let fault: GitFault | null = null;
  const side = async (commit: string, path: string): Promise<string | null> => {
    const blob = await readBlob({ ...limits, commit, path, maxBytes: MAX_BYTES });
    if (blob.kind === 'found') return new TextDecoder().decode(blob.bytes);
    if (blob.kind !== 'absent' && blob.kind !== 'too-large') fault = gitFault(`read of ${path}`, blob);
    return null;
  };
  const changed = new Set(listed.paths);
  const read = async (path: string): Promise<FilePair> => {
    const before = await side(base, path);
    return { before, after: changed.has(path) ? await side(tested, path) : before };
  };
  const answer = await compareDefinitions(policy.command, { changed, read });
  const { changes, touched } = answer;
  const asked = decideTest(request.rules, { paths: changed, isTrusted: changes.length + touched.length > 0 });
  // A command that the branch changes proves nothing about the branch.
  const own = asked.kind === 'narrowed' ? await compareDefinitions(asked.command, { changed, read }) : null;
  const isOwn = own !== null && (own.changes.length > 0 || own.touched.some((path) => !isProse(path)));
  const decision = isOwn ? WHOLE : asked;
  if (fault !== null) return fault;
  if (changes.length > 0 && !request.allowGateChange) return { kind: 'gate-changed', changes };
  return { kind: 'unchanged', warnings: [...changes.map(allowed), ...touchedWarning(touched)], decision };
}

const allowed = ({ path, name, after }: ChangedDefinition): string =>
  `gate-changed: ${path} ${name} is now ${JSON.stringify((after ?? '').slice(0, 200))}, by override`;

const touchedWarning = (touched: readonly string[]): readonly string[] => {
  if (touched.length === 0) return [];
  const more = touched.length > MAX_LISTED ? ` and ${touched.length - MAX_LISTED} more` : '';
  const names = touched.slice(0, MAX_LISTED).join(', ');
  return [`gate-touched: the branch changes what decides how it is tested: ${names}${more}`];
};
