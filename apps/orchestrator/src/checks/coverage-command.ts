/**
 * A branch that changes what the trusted coverage command runs is stopped, as the merge check stops one that changes
 * what the test command runs. What that check has answered for already is not asked again.
 */
import { mergeBase } from '@gatehouse/git';
import { type ChangedCommands, findChangedCommands, mergeCheckVerdict } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { CheckContext } from './port.ts';
import { crashed, defer, error } from './verdicts.ts';

type Change = ChangedCommands['changes'][number];

export type CommandTrust =
  | { readonly kind: 'trusted'; readonly warnings: readonly string[] }
  | { readonly kind: 'stopped'; readonly verdict: CheckVerdict };

const MAX_LISTED = 10;

/** Compares the commit that is measured with the one it starts from. */
export async function judgeCoverageCommand(context: CheckContext): Promise<CommandTrust> {
  const { subject, policy, allowGateChange = false } = context;
  const { coverage } = policy;
  if (coverage === null) return { kind: 'trusted', warnings: [] };
  const found = await compare(context, [
    coverage.command,
    coverage.setup,
    ...(coverage.parts ?? []).map((part) => part.command),
  ]);
  if (found.kind !== 'compared') return stopped(faultVerdict(found));
  const isStrict =
    coverage.config === 'block' || (typeof coverage.config === 'object' && coverage.config.policy === 'block');
  const stopping = isStrict ? [...found.changes, ...found.touched] : found.changes;
  const changes = stopping.length === 0 ? [] : await unanswered(context, stopping);
  if (changes.length === 0 || allowGateChange) return { kind: 'trusted', warnings: warningsOf(changes, found.touched) };
  const commits = { base: subject.base, head: subject.head };
  const { findings } = mergeCheckVerdict({ kind: 'gate-changed', changes }, commits);
  const reason = `the branch changes what the coverage command runs: ${named(changes)}`;
  return stopped({ status: 'fail', reason, findings, warnings: [], commits });
}

const stopped = (verdict: CheckVerdict): CommandTrust => ({ kind: 'stopped', verdict });

type Comparison = Awaited<ReturnType<typeof findChangedCommands>>;

async function compare(
  { git, subject, signal }: CheckContext,
  commands: readonly (string | undefined)[],
): Promise<Comparison> {
  const tested = subject.tested ?? subject.head;
  const common = await mergeBase({ repo: git, a: subject.base, b: tested, signal });
  const base = common.kind === 'found' ? common.sha : subject.base;
  const named = commands.filter((command): command is string => command !== undefined && command !== '');
  return findChangedCommands({ git, base, tested, commands: named, signal });
}

/** The merge check passed this very commit: what its own commands run was the same, or a person answered for it. */
async function unanswered(context: CheckContext, changes: readonly Change[]): Promise<readonly Change[]> {
  const { test } = context.policy;
  if (context.subject.tested === undefined || test === null) return changes;
  const answered = await compare(context, [test.command, test.setup]);
  if (answered.kind !== 'compared') return changes;
  const known = new Set(answered.changes.map(({ path, name }) => `${path}\0${name}`));
  return changes.filter(({ path, name }) => !known.has(`${path}\0${name}`));
}

function faultVerdict(fault: Exclude<Comparison, ChangedCommands>): CheckVerdict {
  if (fault.kind === 'crashed') return crashed(fault);
  return fault.kind === 'infra' ? defer('infra', fault.reason, fault.trouble) : error('tool-failed', fault.reason);
}

function warningsOf(allowed: readonly Change[], touched: readonly Change[]): readonly string[] {
  const said = allowed.length === 0 ? [] : [`gate-changed: ${named(allowed)}, by override`];
  if (touched.length > 0)
    said.push(`gate-touched: the branch changes what decides how coverage is measured: ${named(touched)}`);
  return said;
}

function named(changes: readonly Change[]): string {
  const all = [...new Set(changes.map(({ path, name }) => `${path} ${name}`.trim()))];
  const more = all.length > MAX_LISTED ? ` and ${all.length - MAX_LISTED} more` : '';
  return `${all.slice(0, MAX_LISTED).join(', ')}${more}`;
}
