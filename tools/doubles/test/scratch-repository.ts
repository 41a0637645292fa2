/** A real bare repository for a double, and commits in it as people would push them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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

/** With one commit on main. */
export function scratchRepository(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'double-test-'));
  made.push(path);
  const run = (args: readonly string[], input = ''): string =>
    execFileSync('git', args, { cwd: path, env: ENV, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] }).trim();
  run(['init', '--quiet', '--bare', '--initial-branch=main', '.']);
  const tree = (name: string, text: string): string =>
    run(['mktree'], `100644 blob ${run(['hash-object', '-w', '--stdin'], text)}\t${name}\n`);
  run(['update-ref', 'refs/heads/main', run(['commit-tree', '-m', 'the beginning', tree('f', 'start')])]);
  return {
    path,
    git: (...args) => run(args),
    commit: ({ branch, from, name, text }) => {
      const made = run(['commit-tree', '-m', `${name}: ${text}`, '-p', from, tree(name, text)]);
      if (branch !== null) run(['update-ref', `refs/heads/${branch}`, made]);
      return made;
    },
  };
}
