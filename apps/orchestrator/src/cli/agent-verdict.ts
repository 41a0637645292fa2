/** What the check of a stage says of the work that `gatehouse agent try` has seen done: the very check that a task would meet. */
import { join } from 'node:path';
import { fileLease } from '@gatehouse/merge-gate';
import { CHECKS, STAGE_TRANSITIONS } from '@gatehouse/stage-engine';
import type { CheckVerdict } from '@gatehouse/verdict';
import { compareWithMain } from '../agents/branch-work.ts';
import type { AgentRequest, AgentResult } from '../agents/port.ts';
import { withMaskedSecrets } from '../checks/mask-secrets.ts';
import type { CheckContext } from '../checks/port.ts';
import { QG_CHECKS } from '../checks/registry.ts';
import { defer, error, pass } from '../checks/verdicts.ts';
import { readTextFile } from '../platform/files.ts';
import { maskText } from '../platform/mask-text.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Trial } from './agent-command.ts';
import type { Located } from './checkout/located.ts';

export interface Worked {
  readonly trial: Trial;
  readonly found: Located;
  readonly policy: GatePolicy;
  readonly order: AgentRequest;
  readonly result: AgentResult;
}

export interface Judged {
  readonly check: string;
  readonly verdict: CheckVerdict;
  /** The report of the stage, secrets masked; null: it has none. */
  readonly artefact: { readonly name: string; readonly text: string } | null;
  /** What the branch would have against main. */
  readonly changed: readonly string[];
}

const REPORT_LIMIT = 1024 * 1024;

export async function judgeWork(worked: Worked): Promise<Judged> {
  const { order, result } = worked;
  const [check] = STAGE_TRANSITIONS[order.assignment.stage].checks;
  const none = { check: check ?? 'none', artefact: null, changed: [] };
  if (result.kind === 'infra') return { ...none, verdict: defer('infra', result.reason) };
  if (result.kind === 'tool-failed') return { ...none, verdict: error('tool-failed', result.reason) };
  const compared = await compareWithMain({
    git: order.git,
    main: order.base,
    commit: result.commit,
    signal: order.signal,
  });
  const changed = compared.kind === 'compared' ? compared.paths : [];
  const kept = result.paper === null ? null : await readTextFile(result.paper.path, REPORT_LIMIT);
  const text = kept?.kind === 'read' ? kept.text : null;
  const artefact =
    result.paper === null || text === null ? null : { name: result.paper.name, text: await maskText(text) };
  if (check === undefined || CHECKS[check].askedOf === 'person')
    return { ...none, artefact, changed, verdict: pass('there is something to read; a person approves it') };
  const verdict = await withMaskedSecrets(QG_CHECKS[check])(contextOf(worked, result, text));
  return { check, artefact, changed, verdict };
}

/** One report about one commit, and nothing that outlives the run. */
function contextOf(
  { trial, found, policy, order }: Worked,
  result: Extract<AgentResult, { kind: 'worked' }>,
  text: string | null,
): CheckContext {
  const { directory, settings, terminal } = trial;
  const codeTree = result.paper?.codeTree ?? null;
  return {
    evidence: {
      key: order.assignment.key,
      codeTree,
      copyOf: async () =>
        text === null ? { kind: 'none', reason: 'there is no report' } : { kind: 'copy', text, codeTree },
      validated: false,
    },
    subject: { ...found.subject, head: result.commit },
    git: order.git,
    policy,
    settings,
    workspace: { ...order.workspace, slotDir: join(directory, 'slot') },
    ports: {
      lease: fileLease(join(directory, 'leases')),
      results: { lookup: async () => 'none', record: async () => {} },
      baseline: () => ({ read: async () => null, compareAndSet: async () => false }),
      feed: null,
      record: async () => {},
    },
    signal: terminal.signal,
  };
}
