/** A real bare repository for a double, and commits in it as people would push them. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

const WHO = { GIT_AUTHOR_NAME: 'dev', GIT_AUTHOR_EMAIL: 'dev@example.invalid' };
const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  ...WHO,
  GIT_COMMITTER_NAME: WHO.GIT_AUTHOR_NAME,
  GIT_COMMITTER_EMAIL: WHO.GIT_AUTHOR_EMAIL,
};

export interface Scratch {
  readonly path: string;
  git(...args: string[]): string;
  /** One commit on top of `from` whose file `name` holds `text`; the branch is moved to it unless null. */
  commit(of: Readonly<{ branch: string | null; from: string; name: string; text: string }>): string;
}

const run = (cwd: string, args: readonly string[], input = ''): string =>
  execFileSync('git', args, { cwd, env: ENV, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] }).trim();

const tree = (cwd: string, name: string, text: string): string =>
  run(cwd, ['mktree'], `100644 blob ${run(cwd, ['hash-object', '-w', '--stdin'], text)}\t${name}\n`);

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'double-test-'));
  made.push(path);
  return path;
}

/** Made once and copied: most tests begin with the same. */
let template: string | null = null;
function makeTemplate(): string {
  if (template !== null) return template;
  const path = folder();
  run(path, ['init', '--quiet', '--bare', '--initial-branch=main', '.']);
  const first = run(path, ['commit-tree', '-m', 'the beginning', tree(path, 'f', 'start')]);
  const work = run(path, ['commit-tree', '-m', 'work', '-p', first, tree(path, 'f', 'work')]);
  run(path, ['update-ref', 'refs/heads/main', first]);
  run(path, ['update-ref', 'refs/heads/work', work]);
  template = path;
  return path;
}

/** With one commit on main, and one more on the branch work: the file f holds `start`, then `work`. */
export function scratchRepository(): Scratch {
  const from = makeTemplate();
  const path = folder();
  cpSync(from, path, { recursive: true });
  return {
    path,
    git: (...args) => run(path, args),
    commit: ({ branch, from: parent, name, text }) => {
      const commit = run(path, ['commit-tree', '-m', `${name}: ${text}`, '-p', parent, tree(path, name, text)]);
      if (branch !== null) run(path, ['update-ref', `refs/heads/${branch}`, commit]);
      return commit;
    },
  };
}
