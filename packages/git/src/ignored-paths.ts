/** Which names a commit's own ignore files leave out; neither a work tree nor the machine's settings have a say. */
import { callGit } from './adapters/git-call.ts';
import { withIgnoreFiles } from './adapters/ignore-files.ts';
import { isTreePath } from './object-name.ts';
import { readObjects } from './objects.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { listTree } from './tree.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 10_000;

/** Those of `paths` that the `.gitignore` files of a commit leave out. What is no path of a tree is not ignored. */
export async function ignoredPaths(
  request: RepoRequest & {
    /** The commit whose `.gitignore` files are read; larger ones than 1 MiB do not count. */
    readonly commit: Sha;
    /** Relative to the root of the commit; they need not exist. */
    readonly paths: readonly string[];
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** In the order asked for. */
      readonly paths: readonly string[];
    }
  | GitFailed
> {
  const files = await ignoreFiles(request);
  if (!(files instanceof Map)) return files;
  const asked = files.size === 0 ? [] : request.paths.filter((path) => isTreePath(path));
  if (asked.length === 0) return { kind: 'listed', paths: [] };
  const answer = await withIgnoreFiles(files, (workTree) =>
    callGit(
      {
        op: 'ignored-paths',
        gitDir: request.repo.gitDir,
        workTree,
        args: ['check-ignore', '--no-index', '-z', '--stdin'],
        // The command knows no literal paths; behind a `./` no name is a pattern.
        env: { GIT_LITERAL_PATHSPECS: '0' },
        stdin: asked.map((path) => `./${path}\0`).join(''),
        accept: [0, 1],
      },
      request,
    ),
  );
  if (answer.kind === 'git-failed') return answer;
  return {
    kind: 'listed',
    paths: answer.text
      .split('\0')
      .slice(0, -1)
      .map((path) => path.slice(2)),
  };
}

/** The regular `.gitignore` files of the commit, by path. */
async function ignoreFiles(
  request: RepoRequest & { readonly commit: Sha },
): Promise<Map<string, Uint8Array> | GitFailed> {
  const listed = await listTree(request);
  if (listed.kind === 'git-failed') return listed;
  const entries = listed.entries
    .filter(({ path, type, mode }) => type === 'blob' && mode !== '120000' && /(^|\/)\.gitignore$/.test(path))
    .slice(0, MAX_FILES);
  const contents = new Map<Sha, Uint8Array>();
  const read = await readObjects({
    ...request,
    oids: [...new Set(entries.map(({ oid }) => oid))],
    maxObjectBytes: MAX_FILE_BYTES,
    onObject: ({ oid, bytes }) => contents.set(oid, Uint8Array.from(bytes)),
  });
  if (read.kind === 'git-failed') return read;
  return new Map(
    entries.flatMap(({ path, oid }) => {
      const bytes = contents.get(oid);
      return bytes === undefined || !isTreePath(path) ? [] : [[path, bytes] as const];
    }),
  );
}
