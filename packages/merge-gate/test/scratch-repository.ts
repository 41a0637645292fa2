/** A scratch repository with real branches for one test: an origin, a mirror of it, a slot, a directory for logs. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
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
import { fetchMirror, type GitRepo, openMirror } from '@gatehouse/git';
import {
  type LeasePort,
  type MergeRequest,
  memoryLease,
  type RecordedRun,
  type TestPolicy,
} from '@gatehouse/merge-gate';
import { afterAll, expect } from '@jest/globals';
import { RUN_TESTS } from './run-tests.ts';

export { RUN_TESTS };

export const POLICY: TestPolicy = {
  command: RUN_TESTS,
  timeoutMs: 60_000,
  graceMs: 500,
  minTests: 1,
  flaky: 'pass',
  env: [],
};

/** A path and its text; null deletes it. */
export type Files = Readonly<Record<string, string | null>>;

export class ScratchRepository {
  readonly root: string = mkdtempSync(join(tmpdir(), 'merge-gate-'));
  readonly origin: string = join(this.root, 'origin.git');
  readonly url: string = `file://${this.origin}`;
  readonly clone: string = join(this.root, 'clone');
  readonly slotDir: string = join(this.root, 'slots', 'one');
  readonly logDir: string = join(this.root, 'logs');
  readonly lease: LeasePort = memoryLease();
  readonly runs: RecordedRun[] = [];
  readonly git: GitRepo = { gitDir: join(this.root, 'mirror.git') };

  static async open(files: Files = {}): Promise<ScratchRepository> {
    const scratch = new ScratchRepository();
    const template = await templateFor(files);
    cpSync(template.root, scratch.root, { recursive: true, verbatimSymlinks: true });
    // The copied mirror belongs to the template's origin until it is told of its own.
    rmSync(join(scratch.git.gitDir, 'gatehouse-url'));
    await scratch.openMirror();
    return scratch;
  }

  async openMirror(): Promise<void> {
    expect(await openMirror({ dir: this.git.gitDir, url: this.url })).toMatchObject({ kind: 'opened' });
  }

  /** The clone keeps its objects in the origin, so that a push is one ref moved and not eight processes. */
  plant(files: Files): void {
    execFileSync('git', ['init', '--quiet', '--template=', '--bare', '--initial-branch=main', this.origin]);
    execFileSync('git', ['init', '--quiet', '--template=', '--initial-branch=main', this.clone]);
    rmSync(join(this.clone, '.git/objects'), { recursive: true });
    symlinkSync('../../origin.git/objects', join(this.clone, '.git/objects'));
    appendFileSync(join(this.clone, '.git/config'), '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n');
    this.run('remote', 'add', 'origin', '../origin.git');
    this.commit('main', { 't/one.sh': 'true\n', 't/two.sh': 'true\n', 'README.md': 'one\ntwo\nthree\n', ...files });
  }

  /** Commits `files` on `branch` (made from `from` when it is new), pushes it and answers the new head. */
  commit(branch: string, files: Files, from = 'main'): string {
    const refOf = (name: string): string => join(this.clone, '.git/refs/heads', name);
    const isOn = readFileSync(join(this.clone, '.git/HEAD'), 'utf8') === `ref: refs/heads/${branch}\n`;
    if (!isOn) this.run('checkout', '--quiet', ...(existsSync(refOf(branch)) ? [branch] : ['-b', branch, from]));
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.clone, path);
      if (text === null) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }
    this.run('add', '--all');
    this.run('commit', '--quiet', '--allow-empty', '-m', `change ${branch}`);
    // Both are files here, and a file costs no process.
    const head = readFileSync(refOf(branch), 'utf8');
    const pushed = join(this.origin, 'refs/heads', branch);
    mkdirSync(dirname(pushed), { recursive: true });
    writeFileSync(pushed, head);
    return head.trim();
  }

  /** Commits a symbolic link on `branch` and pushes it. */
  link(branch: string, path: string, target: string): void {
    this.commit(branch, {});
    symlinkSync(target, join(this.clone, path));
    this.commit(branch, {});
  }

  /** Moves the origin's main to a commit of the mirror, as a landing would. */
  land(commit: string): void {
    execFileSync('git', ['--git-dir', this.git.gitDir, 'push', '--quiet', this.origin, `${commit}:refs/heads/main`]);
    this.run('fetch', '--quiet', 'origin');
    this.run('branch', '--force', 'landed', 'origin/main');
  }

  async request(branch: string, changes: Partial<MergeRequest> = {}): Promise<MergeRequest> {
    const fetched = await fetchMirror({ repo: this.git, url: this.url });
    if (fetched.kind !== 'fetched') throw new Error(JSON.stringify(fetched));
    return {
      repo: 'acme/app',
      holder: `task-${branch}`,
      git: this.git,
      base: fetched.heads['main'] ?? '',
      head: fetched.heads[branch] ?? '',
      slotDir: this.slotDir,
      policy: POLICY,
      logDir: this.logDir,
      onRun: (run) => void this.runs.push(run),
      ...changes,
    };
  }

  /** One line per recorded run: what it was for and how it ended. */
  get story(): readonly string[] {
    return this.runs.map(({ purpose, outcome }) => `${purpose} ${outcome}`);
  }

  /** How often each line of the story stands in it. */
  get tally(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const line of this.story) counts[line] = (counts[line] ?? 0) + 1;
    return counts;
  }

  async leaseIsFree(): Promise<boolean> {
    const answer = await this.lease.acquire({ repo: 'acme/app', holder: 'probe' });
    if (answer.kind === 'acquired') await this.lease.release(answer.proof);
    return answer.kind === 'acquired';
  }

  run(...args: readonly string[]): string {
    const identity = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org' };
    const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.org' };
    const env = { PATH: process.env['PATH'], HOME: this.root, GIT_CONFIG_NOSYSTEM: '1', ...identity, ...committer };
    return execFileSync('git', ['-C', this.clone, ...args], { encoding: 'utf8', env }).trim();
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const templates = new Map<string, Promise<ScratchRepository>>();
afterAll(async () => {
  for (const template of templates.values()) (await template).close();
});

/** Each beginning, its mirror among it, is built once in a test file and copied from then on. */
function templateFor(files: Files): Promise<ScratchRepository> {
  const key = JSON.stringify(files);
  const made = templates.get(key) ?? plantTemplate(files);
  templates.set(key, made);
  return made;
}

async function plantTemplate(files: Files): Promise<ScratchRepository> {
  const made = new ScratchRepository();
  made.plant(files);
  await made.openMirror();
  return made;
}
