/** Real repositories with planted history, made with plain git and no configuration of this machine. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

/** Content of a file, a link to a target, or null for a deletion. */
export type Content = string | Uint8Array | { readonly link: string } | null;
export type Files = { readonly [path: string]: Content };

export class Planted {
  readonly dir: string;
  readonly git: { readonly gitDir: string };
  #clock = 1_700_000_000;

  /** `from`: an empty repository that is copied, which saves a process. */
  constructor(from: Planted | null = null) {
    this.dir = mkdtempSync(join(tmpdir(), 'security-gate-'));
    this.git = { gitDir: join(this.dir, '.git') };
    if (from === null) this.run('init', '-q', '--template=', '-b', 'main');
    else cpSync(from.dir, this.dir, { recursive: true });
  }

  /** Runs git and answers its trimmed output. */
  run(...args: string[]): string {
    this.#clock += 1;
    const date = `${this.#clock} +0000`;
    const env = {
      PATH: process.env['PATH'],
      HOME: this.dir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: 'C',
      GIT_COMMITTER_EMAIL: 'c@example.org',
      GIT_COMMITTER_DATE: date,
    };
    const options = { cwd: this.dir, env, encoding: 'utf8', maxBuffer: 1e8, stdio: 'pipe' } as const;
    return execFileSync('git', ['-c', 'core.autocrlf=false', ...args], options).trim();
  }

  write(files: Files): void {
    for (const [path, content] of Object.entries(files)) {
      const at = join(this.dir, path);
      rmSync(at, { recursive: true, force: true });
      if (content === null) continue;
      mkdirSync(dirname(at), { recursive: true });
      if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, at);
      else writeFileSync(at, content);
    }
  }

  /** Commits `files` on the current branch and answers the commit. */
  commit(files: Files, message = 'work'): string {
    this.write(files);
    this.run('add', '-A', '--force');
    this.run('commit', '-q', '--allow-empty', '--no-verify', '-m', message);
    return this.head();
  }

  /** Read where git wrote it, which saves a process; a branch that was packed is asked for. */
  head(): string {
    const head = readFileSync(join(this.git.gitDir, 'HEAD'), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    const ref = join(this.git.gitDir, head.slice('ref: '.length));
    return existsSync(ref) ? readFileSync(ref, 'utf8').trim() : this.run('rev-parse', 'HEAD');
  }

  remove(): void {
    chmodSync(this.dir, 0o700);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A maker of planted repositories that are removed after the file's last test. */
export function planting(): () => Planted {
  const all: Planted[] = [];
  afterAll(() => {
    for (const one of all) one.remove();
  });
  let empty: Planted | null = null;
  const kept = (one: Planted): Planted => {
    all.push(one);
    return one;
  };
  return () => {
    empty ??= kept(new Planted());
    return kept(new Planted(empty));
  };
}
