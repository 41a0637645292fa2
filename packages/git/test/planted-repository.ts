/** A real repository on disk to play the remote: built with git itself, under a directory that the test removes. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Ada Author',
  GIT_COMMITTER_EMAIL: 'ada@example.test',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

const made: string[] = [];
let empty: string | null = null;
afterAll(() => {
  empty = null;
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A fresh directory, removed after the test file. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-git-'));
  made.push(directory);
  return directory;
}

/** Git as a person uses it, to plant and to read. */
export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
  }).trim();
}

/** Made once in a test file and copied from then on. */
function emptyRepository(): string {
  if (empty !== null) return empty;
  // A temporary directory is closed to other users, and a copy of it would be, too.
  empty = join(scratch(), 'empty');
  mkdirSync(empty);
  git(empty, 'init', '--quiet', '--initial-branch=main');
  return empty;
}

/** A repository with a work tree that stands for the outside world. */
export class Planted {
  readonly root: string = scratch();
  readonly dir: string = join(this.root, 'source');

  constructor() {
    cpSync(emptyRepository(), this.dir, { recursive: true });
  }

  git(...args: string[]): string {
    return git(this.dir, ...args);
  }

  /** An executable shell script outside the work tree. */
  script(body: string): string {
    const path = join(mkdtempSync(join(this.root, 'script-')), 'run');
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return path;
  }

  /** Writes files (`null` deletes) and commits them; answers the commit. */
  commit(files: Record<string, string | Buffer | null>, message = 'change'): string {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.dir, path);
      if (text === null) {
        rmSync(file, { recursive: true });
      } else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    this.git('add', '--all', '--force');
    this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return this.#head();
  }

  /** Read where git wrote it, which saves a process. */
  #head(): string {
    const head = readFileSync(join(this.dir, '.git/HEAD'), 'utf8').trim();
    const ref = join(this.dir, '.git', head.replace(/^ref: /, ''));
    return existsSync(ref) ? readFileSync(ref, 'utf8').trim() : this.git('rev-parse', 'HEAD');
  }

  /** Starts a branch at a commit and stays on it. */
  branch(name: string, at = 'main'): this {
    this.git('checkout', '--quiet', '-B', name, at);
    return this;
  }

  on(name: string): this {
    this.git('checkout', '--quiet', name);
    return this;
  }
}
