/**
 * A small setup for one fault: a forge, the service's directory beside it, and a `git` in front of the real one that
 * carries the fault out at one of its calls. Everything lies below one directory, which may be a tiny disk.
 */
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
import { join } from 'node:path';
import type { RecordedRun, TestPolicy } from '../../src/index.ts';
import { RUN_TESTS } from '../run-tests.ts';
import { type Phase, placesIn } from './queue.ts';

/** The git that other people use, by absolute path. */
const GIT: string = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

const AUTHOR = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org' };
const ENV = {
  ...AUTHOR,
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  PATH: process.env['PATH'],
};
export const git = (...args: readonly string[]): string =>
  execFileSync(GIT, args, { encoding: 'utf8', env: ENV }).trim();

/** What commands of this table need besides git; a PATH of these alone has no other git in it. */
const TOOLS = 'sh cat wc echo test mkdir rm cp dd sleep kill mount chmod chown ls sed env node dirname'.split(' ');

/** A forge whose `task` is green and behind `main`, and a commit `more` on top of the task that is not pushed yet. */
export function makeTemplate(files: Readonly<Record<string, string>> = {}): string {
  const template = mkdtempSync(join(tmpdir(), 'fault-template-'));
  const origin = join(template, 'origin.git');
  const clone = join(template, 'clone');
  git('init', '--quiet', '--bare', '--initial-branch=main', origin);
  git('--git-dir', origin, 'config', 'core.logAllRefUpdates', 'always');
  git('init', '--quiet', '--initial-branch=main', clone);
  const commit = (files: Readonly<Record<string, string>>, ref: string): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(clone, path, '..'), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
    git('-C', clone, 'add', '--all');
    git('-C', clone, 'commit', '--quiet', '-m', `change ${ref}`);
    git('-C', clone, 'push', '--quiet', origin, `HEAD:${ref}`);
  };
  commit({ 't/one.sh': 'true\n', 'README.md': 'one\n', ...files }, 'refs/heads/main');
  git('-C', clone, 'checkout', '--quiet', '-b', 'task');
  commit({ 'a.txt': 'the change\n', 't/two.sh': 'test -e a.txt\n' }, 'refs/heads/task');
  commit({ 'more.txt': 'more of it\n' }, 'refs/hidden/more');
  git('-C', clone, 'checkout', '--quiet', 'main');
  commit({ 'b.txt': 'what others did\n' }, 'refs/heads/main');
  rmSync(clone, { recursive: true });
  mkdirSync(join(template, 'tools'));
  for (const tool of TOOLS) {
    const found = execFileSync('sh', ['-c', `command -v ${tool} || true`], { encoding: 'utf8' }).trim();
    if (found.startsWith('/')) symlinkSync(found, join(template, 'tools', tool));
  }
  return template;
}

export interface SceneOptions {
  readonly template: string;
  /** Put everything on a disk of this many MiB; needs the right to mount. */
  readonly diskMiB?: number;
}

/** A call of git, known by the phase it is made in and a part of its arguments. */
export interface GitCall {
  readonly phase: Phase;
  readonly text: string;
}

/** Shell code carried out once: at the first such call of git, or inside a command. */
export interface Plan {
  /** Before the call (then git runs, unless the code ends it), or after it. */
  readonly before?: GitCall;
  readonly after?: GitCall;
  readonly inside?: 'setup' | 'test';
  readonly code: string;
}

export class Scene {
  readonly root: string = mkdtempSync(join(tmpdir(), 'fault-scene-'));
  /** What the test itself writes; never on the disk that is filled or made read-only. */
  readonly desk: string = mkdtempSync(join(tmpdir(), 'fault-desk-'));
  readonly home: string = placesIn(this.root).home;
  readonly origin: string = placesIn(this.root).origin;
  readonly runs: RecordedRun[] = [];
  readonly #template: string;
  readonly #outerPath: string | undefined = process.env['PATH'];
  readonly #mounted: boolean;

  constructor({ template, diskMiB }: SceneOptions) {
    this.#template = template;
    this.#mounted = diskMiB !== undefined;
    if (diskMiB !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', this.root]);
    cpSync(join(template, 'origin.git'), this.origin, { recursive: true });
    for (const part of ['bin', 'hooks', 'home']) mkdirSync(join(this.root, part));
    this.arm({ code: '' });
  }

  /** Writes the stand-in and the hooks; earlier plans are forgotten. */
  arm({ before, after, inside, code }: Plan): void {
    const once = `if mkdir '${this.desk}/fired' 2>/dev/null; then\n${this.scope}${code}\nfi`;
    const at = ({ phase, text }: GitCall, then: string): string =>
      `case "$phase $*" in ${phase}\\ *'${text}'*)\n${then}\n;; esac`;
    const script = [
      '#!/bin/sh',
      `read -r phase < '${this.desk}/phase'`,
      ...(before === undefined ? [] : [at(before, once)]),
      ...(after === undefined ? [] : [at(after, `${GIT} "$@"; s=$?\n${once}\nexit $s`)]),
      `exec ${GIT} "$@"`,
    ];
    this.phase('fetch');
    writeFileSync(join(this.root, 'bin/git'), `${script.join('\n')}\n`, { mode: 0o755 });
    for (const hook of ['setup', 'test'] as const) {
      writeFileSync(join(this.root, 'hooks', hook), inside === hook ? `${once}\n` : ':\n');
    }
    process.env['PATH'] = `${this.root}/bin:${this.#template}/tools`;
  }

  /** Everything is as before again, except for what the fault destroyed. */
  heal(): void {
    process.env['PATH'] = this.#outerPath;
    writeFileSync(join(this.desk, 'healed'), '');
    if (this.#mounted) execFileSync('mount', ['-o', 'remount,rw', this.root]);
    rmSync(join(this.root, 'fill'), { force: true });
    if (!existsSync(join(this.desk, 'spoiled'))) return;
    const mirror = join(this.home, 'mirror.git');
    const path = readFileSync(join(this.desk, 'spoiled'), 'utf8').trim();
    if (path.startsWith(this.origin)) {
      // The forge's operator brings a lost object back from any copy that has it.
      const copies = [path.replace(this.root, this.#template), path.replace(this.origin, mirror)];
      rmSync(path);
      cpSync(copies.find((copy) => existsSync(copy)) ?? '', path);
    } else rmSync(mirror, { recursive: true });
  }

  get fired(): boolean {
    return existsSync(join(this.desk, 'fired'));
  }

  phase(phase: Phase): void {
    writeFileSync(join(this.desk, 'phase'), phase);
  }

  policy(timeoutMs: number): TestPolicy {
    return {
      setup: '. "$HOOKS/setup"',
      command: `. "$HOOKS/test"; ${RUN_TESTS}`,
      timeoutMs,
      graceMs: 300,
      minTests: 1,
      flaky: 'pass',
      env: [],
      setEnv: { HOOKS: join(this.root, 'hooks') },
    };
  }

  /** Every move of the forge's main, oldest first, as [from, to]. */
  get moves(): readonly (readonly [string, string])[] {
    const log = readFileSync(join(this.origin, 'logs/refs/heads/main'), 'utf8').trim().split('\n');
    return log.map((line) => [line.slice(0, 40), line.slice(41, 81)] as const);
  }

  close(): void {
    process.env['PATH'] = this.#outerPath;
    if (this.#mounted) execFileSync('umount', ['--lazy', this.root]);
    for (const place of [this.root, this.desk]) rmSync(place, { recursive: true, force: true });
  }

  /** Names that the code of a fault may use. */
  get scope(): string {
    const names = {
      ROOT: this.root,
      DESK: this.desk,
      MIRROR: join(this.home, 'mirror.git'),
      ORIGIN: this.origin,
      REAL_GIT: GIT,
    };
    return Object.entries(names)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join('');
  }
}

/** Keeps a run where a service that is killed next has already written it. */
export const recordIn = (desk: string, run: RecordedRun): void =>
  appendFileSync(
    join(desk, 'runs'),
    `${JSON.stringify({ outcome: run.outcome, tree: run.tree, purpose: run.purpose })}\n`,
  );
