/** The papers of a task, as its branch has them: what a person approves, and what the agents after it read. */
import { recoverKey } from '@gatehouse/cancel';
import { changedPaths, listDirectory, readBlob } from '@gatehouse/git';
import type { ServiceContext } from '../context.ts';
import { maskedBeginning } from '../platform/masked-ends.ts';
import { papersDir } from '../policy/task-key.ts';
import type { Task } from '../store/port/index.ts';

export interface Paper {
  /** Below the folder of the task's papers. */
  readonly name: string;
  /** In the repository. */
  readonly path: string;
  /** Secrets masked, and cut with a word about the rest. */
  readonly text: string;
}

export type Papers =
  | { readonly kind: 'papers'; readonly commit: string | null; readonly papers: readonly Paper[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Reads = Pick<ServiceContext, 'mirrors' | 'store'>;

/** How much of how many papers is read for one answer. */
export const PAPERS_SHOWN = 20;
const [FILE_BYTES, TEXT_CHARS] = [1 << 20, 65_536];

/** `only`: none but the paper of this name. `chars`: of each one. [65536] */
export async function readPapers(
  { mirrors, store }: Reads,
  stored: Task,
  { only, chars = TEXT_CHARS }: { readonly only?: string; readonly chars?: number } = {},
): Promise<Papers> {
  const task = { ...stored, branch: recoverKey(stored.branch), key: recoverKey(stored.key) };
  const { headSha: commit } = task;
  if (commit === null) return { kind: 'papers', commit, papers: [] };
  const repo = { gitDir: mirrors.directory(task.repoId) };
  const found = await pathsOf({ repo, commit, main: (await store.getRepo(task.repoId))?.mainSha ?? null, task });
  if (found === null)
    return { kind: 'unreadable', reason: `${commit.slice(0, 12)}, the head on record, cannot be read` };
  const start = `${papersDir(task.key)}/`;
  const wanted = found
    .filter((path) => path.startsWith(start) && (only === undefined || path === start + only))
    .slice(0, PAPERS_SHOWN);
  const papers: Paper[] = [];
  for (const path of wanted) {
    const whole = `all of it: ${path} on the branch ${task.branch}`;
    const blob = await readBlob({ repo, commit, path, maxBytes: FILE_BYTES });
    // A file that main has and the branch removed is no paper.
    if (blob.kind === 'absent') continue;
    const text =
      blob.kind === 'found'
        ? await maskedBeginning(Buffer.from(blob.bytes).toString('utf8'), chars, whole)
        : `(${blob.kind === 'too-large' ? `${blob.size} bytes, too large to be shown` : 'it cannot be read'}; ${whole})`;
    papers.push({ name: path.slice(start.length), path, text });
  }
  return { kind: 'papers', commit, papers };
}

interface Place {
  readonly repo: { readonly gitDir: string };
  readonly commit: string;
  readonly main: string | null;
  readonly task: Task;
}

/** What the branch adds to main; of a branch that adds no paper, what lies there. Null: nobody can tell. */
async function pathsOf({ repo, commit, main, task }: Place): Promise<readonly string[] | null> {
  const dir = papersDir(task.key);
  const changed = main === null ? null : await changedPaths({ repo, base: main, head: commit });
  const added = changed?.kind === 'listed' ? changed.paths.filter((path) => path.startsWith(`${dir}/`)) : [];
  // Papers of an earlier task of this key are on main, and nobody asks for a yes to them.
  if (added.length > 0 || (changed?.kind === 'listed' && task.state.waiting?.cause === 'approval')) return added;
  const listed = await listDirectory({ repo, commit, dir });
  if (listed.kind !== 'listed') return listed.kind === 'absent' ? [] : null;
  return listed.entries.flatMap(({ type, path }) => (type === 'blob' ? [path] : []));
}
