/** Whether a mirror still has what its refs need, and what of it another mirror can be given. */
import { onDisk } from './adapters/disk.ts';
import { firstEmptyObject } from './adapters/empty-objects.ts';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { importCommit } from './import-commit.ts';
import type { CallOptions, GitFailed, GitRepo, RepoRequest, Sha } from './outcome.ts';

/** Request of `checkObjects`. */
export interface CheckObjects extends RepoRequest {
  /** `tips`: the trees that refs point at, and no history. `all`: whatever a ref needs, which takes as long as reading it. */
  readonly depth: 'tips' | 'all';
}

/** Every ref has what it needs, or one does not. */
export type CheckedObjects =
  | { readonly kind: 'whole' }
  | {
      readonly kind: 'damaged';
      /** The first object that is missing or broken, as git names it. */
      readonly reason: string;
    };

/** Looks for objects that are missing, or that a power cut left empty. */
export async function checkObjects(request: CheckObjects): Promise<CheckedObjects | GitFailed> {
  const { repo, depth } = request;
  const { gitDir } = repo;
  const empty = await onDisk('check-objects', async () => firstEmptyObject(gitDir));
  if (typeof empty === 'string') return { kind: 'damaged', reason: `the object ${empty} is empty` };
  if (empty !== null) return empty;
  const walk = depth === 'tips' ? ['--no-walk'] : [];
  const args = ['rev-list', '--objects', '--quiet', ...walk, '--all'];
  const read = await callGit({ op: 'check-objects', gitDir, args, deadlineMs: DEADLINE.remote }, request);
  if (read.kind !== 'git-failed') return { kind: 'whole' };
  const isLost = read.trouble === 'missing-object' || read.trouble === 'corrupt';
  return isLost ? { kind: 'damaged', reason: read.stderr.trim().split('\n')[0] ?? '' } : read;
}

/** Request of `carryRefs`. */
export interface CarryRefs extends CallOptions {
  /** The damaged mirror. */
  readonly from: GitRepo;
  /** The new one. */
  readonly into: GitRepo;
}

/** How many refs came over, and the names of those whose objects `from` has lost. */
export interface CarriedRefs {
  readonly kind: 'carried';
  /** Refs that are in the other repository now. */
  readonly count: number;
  /** Full names of refs whose objects are missing. */
  readonly lost: readonly string[];
}

/** Gives a mirror what another one keeps of ours: everything under `refs/gatehouse/` but the tags of its source. */
export async function carryRefs(request: CarryRefs): Promise<CarriedRefs | GitFailed> {
  const { from, into } = request;
  const format = '--format=%(objectname) %(refname)';
  const args = ['for-each-ref', format, 'refs/gatehouse/'];
  const listed = await callGit({ op: 'list-kept', gitDir: from.gitDir, args }, request);
  if (listed.kind === 'git-failed') return listed;
  const lost: string[] = [];
  let count = 0;
  for (const [commit, ref] of refsIn(listed.text)) {
    // What its source has as well is there already.
    const there = await importCommit({ ...request, from: into, into, commit, ref });
    const carried = there.kind === 'imported' ? there : await importCommit({ ...request, from, into, commit, ref });
    if (carried.kind === 'imported') count += 1;
    else if (carried.kind === 'git-failed' && (carried.trouble === 'cancelled' || carried.trouble === 'disk-full'))
      return carried;
    else lost.push(ref);
  }
  return { kind: 'carried', count, lost };
}

const refsIn = (text: string): (readonly [Sha, string])[] =>
  text.split('\n').flatMap((line) => {
    const ref = line.slice(41);
    return ref === '' || ref.startsWith('refs/gatehouse/tags/') ? [] : [[line.slice(0, 40), ref] as const];
  });
