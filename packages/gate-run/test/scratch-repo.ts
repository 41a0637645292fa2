/** A bare repository with commits made from plain files, and places beside it; gone after the test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommitRun, type RunRequest, runOnCommit } from '@gatehouse/gate-run';

export class ScratchRepo {
  readonly root: string = realpathSync(mkdtempSync(join(tmpdir(), 'gate-run-')));
  readonly gitDir: string = join(this.root, 'repo.git');
  readonly slotDir: string = join(this.root, 'slot');
  readonly logDir: string = join(this.root, 'logs');
  readonly #work: string = join(this.root, 'work');

  constructor() {
    execFileSync('git', ['init', '-q', '--bare', this.gitDir]);
  }

  /** Commits exactly these files and answers the commit. */
  commit(files: Readonly<Record<string, string>>): string {
    rmSync(this.#work, { recursive: true, force: true });
    mkdirSync(this.#work);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#work, name), text);
    this.git(['add', '-A', '-f']);
    this.git(['commit', '-q', '--allow-empty', '-m', 'a change']);
    return this.git(['rev-parse', 'HEAD']).trim();
  }

  git(args: readonly string[]): string {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    const place = [`--git-dir=${this.gitDir}`, `--work-tree=${this.#work}`, '-c', 'core.bare=false'];
    return execFileSync('git', [...who, ...place, ...args], { encoding: 'utf8' });
  }

  /** Runs `true` on the commit in the slot, but for what `change` says. */
  run(commit: string, change: Partial<RunRequest>): Promise<CommitRun> {
    const slot = { kind: 'check-out', git: { gitDir: this.gitDir }, dir: this.slotDir } as const;
    return runOnCommit({ purpose: 'branch', commit, slot, command: 'true', timeoutMs: 60_000, ...change });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
