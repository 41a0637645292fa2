/** Catching up creates a new commit; it is scanned too, even where the head was scanned: what lands is what was scanned. */
import type { GitRepo } from '@gatehouse/git';
import { scanSecrets } from '@gatehouse/security-gate';
import type { TaskState } from '@gatehouse/stage-engine';
import type { PolicyAnswer, PolicyRequest } from '../policy/load-policy.ts';
import { outOfScope } from '../policy/switched-off.ts';
import type { Settings } from '../settings.ts';
import { checkOfGate } from './registry.ts';
import { engineOptions } from './secret-engine.ts';

export interface CombinedCommit {
  readonly settings: Settings;
  readonly loadPolicy: (request: PolicyRequest) => Promise<PolicyAnswer>;
  /** The tasks whose work is in it. */
  readonly members: readonly { readonly state: Pick<TaskState, 'overrides'> }[];
  readonly repo: { readonly id: string; readonly policyPath: string | null };
  readonly base: string;
  readonly tested: string;
  readonly git: GitRepo;
  readonly signal: AbortSignal;
}

export type CombinedRescanResult =
  | { readonly kind: 'clean' }
  /** Nothing is said about the change. */
  | { readonly kind: 'infra'; readonly reason: string }
  /** The gates have to run again, from the first. */
  | { readonly kind: 'base-moved'; readonly reason: string };

export type CombinedRescan = (combined: CombinedCommit) => Promise<CombinedRescanResult>;

export const rescanCombined: CombinedRescan = async (combined) => {
  const { settings, loadPolicy, members, repo, base, tested, git, signal } = combined;
  const overridden = members.every(({ state }) =>
    state.overrides.some(({ check }) => check === checkOfGate('security')),
  );
  if (outOfScope('security', repo.id, settings) !== null || overridden) return { kind: 'clean' };
  const loaded = await loadPolicy({ git, base, operatorFile: repo.policyPath ?? '', settings, signal });
  if (loaded.kind !== 'policy') return { kind: 'infra', reason: 'the gate definition of the base cannot be read' };
  const scan = await scanSecrets({
    git,
    base,
    head: tested,
    allow: loaded.policy.allow,
    timeoutMs: settings.security.timeoutMs,
    ...(await engineOptions(settings)),
    signal,
  });
  if (scan.kind !== 'scanned')
    return { kind: 'infra', reason: `the combined commit could not be scanned: ${scan.kind}` };
  return scan.findings.length === 0
    ? { kind: 'clean' }
    : { kind: 'base-moved', reason: 'the combined commit carries a secret its head did not' };
};
