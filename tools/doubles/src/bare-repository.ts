/** What a double asks of the real bare repository below it. Every call is one git process; a git that fails throws. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit a ref is at; null: there is no such ref. */
export type Where = string | null;

export interface BareRepository {
  /** Absolute. */
  readonly path: string;
  /** What git printed, trimmed. Throws when git fails. */
  git(...args: string[]): Promise<string>;
  /** Commits by branch name. */
  heads(): Promise<ReadonlyMap<string, string>>;
  head(branch: string): Promise<Where>;
  has(commit: string): Promise<boolean>;
  /** Whether `commit` is `inside` or one of its ancestors. */
  contains(inside: string, commit: string): Promise<boolean>;
  /** Compare and swap of a full ref name; false: it was not at `from`. */
  move(ref: string, from: Where, to: Where): Promise<boolean>;
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
const NOWHERE = '0'.repeat(40);

export function bareRepository(path: string): BareRepository {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: path, env: ENV, maxBuffer: 1 << 26 });
    return stdout.trim();
  };
  const worked = (...args: string[]): Promise<boolean> =>
    git(...args).then(
      () => true,
      () => false,
    );
  const heads = async (): Promise<ReadonlyMap<string, string>> => {
    const lines = (await git('for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads')).split('\n');
    return new Map(
      lines.flatMap((line) => {
        const [commit = '', name = ''] = line.split(' ');
        return name === '' ? [] : [[name, commit] as const];
      }),
    );
  };
  return {
    path,
    git,
    heads,
    head: async (branch) => (await heads()).get(branch) ?? null,
    has: (commit) => worked('cat-file', '-e', `${commit}^{commit}`),
    contains: (inside, commit) => worked('merge-base', '--is-ancestor', commit, inside),
    move: (ref, from, to) =>
      to === null
        ? worked('update-ref', '-d', ref, from ?? NOWHERE)
        : worked('update-ref', '-m', 'moved by the double', ref, to, from ?? NOWHERE),
  };
}
