/** The record names the commit that lands; git says what it is. A commit that is not the members' work on main never lands. */
import type { GitRepo } from '@gatehouse/git';
import { autoRebaseOntoMain, proveCandidate } from '@gatehouse/merge-gate';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import type { CombinedRescanResult } from './rescan-combined.ts';

export interface RecordedCandidate {
  /** In landing order; each stands on the one before. */
  readonly members: readonly { readonly branch: string; readonly headSha: string | null }[];
  readonly base: string;
  readonly tested: string;
  readonly git: GitRepo;
  readonly signal: AbortSignal;
}

/** `clean`: the recorded commit is the catch-up of the recorded heads, and changes main. */
export type CombinedProof<Job> = (recorded: RecordedCandidate & { readonly job: Job }) => Promise<CombinedRescanResult>;

/** Where a job has its slot. */
interface JobSlots<Job> {
  create(job: Job): Promise<CheckWorkspace>;
  dispose(workspace: CheckWorkspace): Promise<void>;
}

/** Proves in the mirror where that is safe, and in a slot of the job's own where only a work tree can judge. */
export const proveCombined =
  <Job>(workspaces: JobSlots<Job>): CombinedProof<Job> =>
  async (recorded) => {
    const workspace = await workspaces.create(recorded.job);
    try {
      return await prove(recorded, workspace.slotDir);
    } finally {
      await workspaces.dispose(workspace);
    }
  };

async function prove(recorded: RecordedCandidate, slotDir: string): Promise<CombinedRescanResult> {
  const { members, tested, git, signal } = recorded;
  const branches = members.map(({ branch }) => branch).join(', ');
  const heads = members.map(({ headSha }) => headSha ?? '');
  const last = heads.pop() ?? '';
  let base = recorded.base;
  for (const head of heads) {
    const next = await autoRebaseOntoMain({ git, slotDir, base, head, signal });
    if (next.kind !== 'caught-up' && next.kind !== 'current') return unproven(branches, next.kind);
    base = next.tested;
  }
  const proof = await proveCandidate({ git, slotDir, base, head: last, tested, signal });
  switch (proof.kind) {
    case 'proven':
      return { kind: 'clean' };
    case 'nothing-to-land':
      return unproven(branches, 'it changes nothing');
    case 'differs':
      return unproven(branches, proof.reason);
    case 'crashed':
      return { kind: 'infra', reason: `the combined commit could not be proven: ${proof.error.message}` };
    default:
      return { kind: 'infra', reason: `the combined commit could not be proven: ${proof.reason}` };
  }
}

const unproven = (branches: string, why: string): CombinedRescanResult => ({
  kind: 'base-moved',
  reason: `the recorded commit is not ${branches} on top of main: ${why}`,
});
