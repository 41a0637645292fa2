/**
 * One machine for the whole table: a data directory on a disk of its own, a log that can be read, and a `git` in front of
 * the real one that carries a fault out at one of its calls. Each row has its own forge, and speaks shell.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { LogFields, Logger } from '../../src/platform/logger.ts';
import { type Change, Forge, PROJECT } from '../scratch-forge.ts';

const which = (tool: string): string =>
  execFileSync('sh', ['-c', `command -v ${tool} || true`], { encoding: 'utf8' }).trim();
const GIT: string = which('git');

/** What the commands of this table need; a PATH of these and the stand-in has no other git in it. */
const TOOLS = 'sh cat cp dd df env kill mkdir mount mv printf ps rm setsid sleep tail touch tr'.split(' ');

/** A file system of its own can only be had with the right to mount. */
export const canMount: boolean =
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"']).status === 0;

/** Where a fault strikes: at a call of git that matches `call` (a shell pattern), or inside a command of the project. */
export type Strike =
  | { readonly before: string; readonly onceLanded?: true }
  | { readonly after: string }
  | { readonly inside: 'test' | 'coverage' }
  /** Stands when the task is asked for. */
  | 'already';

/** Enough space for everything, as long as no fault fills it. */
const ROOMY = '512m';

/** Leaves a disk as many KiB as are named. What is written meanwhile only makes it try again. */
export const FILL = `fill() {
  until mount -o remount,size="$(($(df -k --output=used "$1" | tail -n 1) + $2))"k "$1" 2>/dev/null; do :; done
}
`;

export class SmallWorld {
  readonly root: string = mkdtempSync(join(tmpdir(), 'service-faults-'));
  /** What the test itself writes; never on a disk that is filled. */
  readonly desk: string = join(this.root, 'desk');
  readonly data: string = join(this.root, 'data');
  readonly lines: string[] = [];
  /** Where the test itself finds its tools. */
  readonly outerPath = process.env['PATH'];
  readonly #mounts: string[] = [];

  constructor() {
    for (const part of ['bin', 'tools', 'desk', 'data']) mkdirSync(join(this.root, part));
    for (const tool of TOOLS) if (which(tool).startsWith('/')) symlinkSync(which(tool), join(this.root, 'tools', tool));
    if (canMount) this.mount(this.data);
    this.calm();
    writeFileSync(join(this.root, 'bin/git'), STAND_IN(this.desk), { mode: 0o755 });
  }

  get path(): string {
    return `${this.root}/bin:${this.root}/tools`;
  }

  enter(): void {
    process.env['PATH'] = this.path;
  }

  readonly log: Logger = {
    info: (message, fields) => this.#write('info', message, fields),
    warn: (message, fields) => this.#write('warn', message, fields),
    error: (message, fields) => this.#write('error', message, fields),
  };

  #write(level: string, message: string, fields: LogFields = {}): void {
    this.lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  }

  mount(directory: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${ROOMY}`, 'tmpfs', directory]);
    this.#mounts.push(directory);
  }

  /**
   * A forge of one row: `task` is one commit ahead of main, `other` is what another person may push to main, `rewritten` to
   * the task. No two have a tree in common, so no row lives on a green of another.
   */
  async forge(name: string, { ownDisk, measured }: { ownDisk: boolean; measured: boolean }): Promise<Forge> {
    const folder = join(this.root, name);
    mkdirSync(folder);
    if (ownDisk) this.mount(folder);
    const forge = await Forge.make({ ...projectAt(this.desk, measured), 'row.txt': name }, folder);
    forge.git('config', 'core.logAllRefUpdates', 'always');
    forge.push({ branch: 'other', from: 'main' }, { 'other.txt': 'what others did\n' });
    forge.push({ branch: 'task', from: 'main' }, { 'a.txt': 'the change\n' });
    forge.push({ branch: 'rewritten', from: 'main' }, { 'a.txt': 'the change, said better\n' });
    return forge;
  }

  /** From now on the fault strikes, once. */
  arm(strike: Strike, code: string, forge: Forge): void {
    const { scope, once } = this.#onceIn(forge, code);
    if (strike === 'already') this.mend(once);
    else if ('inside' in strike) this.armAt(join(this.desk, strike.inside), code, forge);
    else this.#plan(strike, scope, once);
  }

  /** The same for whoever reads this file of shell. */
  armAt(file: string, code: string, forge: Forge): void {
    writeFileSync(file, `${this.#onceIn(forge, code).once}\n`);
  }

  #onceIn(forge: Forge, code: string): { readonly scope: string; readonly once: string } {
    const repo = basename(dirname(forge.path));
    const places = { MIRROR: join(this.data, 'mirrors', `${repo}.git`), SLOTS: join(this.data, 'slots', repo) };
    const names = { DESK: this.desk, DATA: this.data, ...places, FORGE: forge.path, GIT, ROOT: this.root };
    const scope = Object.entries(names).map(([name, value]) => `${name}='${value}'\n`);
    return { scope: scope.join(''), once: `${scope.join('')}if mkdir "$DESK/fired" 2>/dev/null; then\n${code}\nfi` };
  }

  #plan(strike: Extract<Strike, { before: string } | { after: string }>, scope: string, once: string): void {
    const side = 'before' in strike ? 'before' : 'after';
    const pattern = 'before' in strike ? strike.before : strike.after;
    const landed = 'onceLanded' in strike ? `[ -e "${this.desk}/landed" ] || return 0\n` : '';
    const called = `${side}() {\n${scope}case "$*" in ${pattern}) ;; *) return 0 ;; esac\n${landed}${once}\n}\n`;
    writeFileSync(join(this.desk, 'plan'), `${QUIET}${called}`);
  }

  get fired(): boolean {
    return existsSync(join(this.desk, 'fired'));
  }

  /** No plan, nothing fired, git where it was, free space on every disk. */
  calm(): void {
    for (const mark of ['fired', 'landed']) rmSync(join(this.desk, mark), { recursive: true, force: true });
    writeFileSync(join(this.desk, 'plan'), QUIET);
    for (const command of ['test', 'coverage']) writeFileSync(join(this.desk, command), ':\n');
    this.mend('[ ! -e "$1/bin/git.away" ] || mv "$1/bin/git.away" "$1/bin/git"', this.root);
    for (const disk of this.#mounts) execFileSync('mount', ['-o', `remount,rw,size=${ROOMY}`, disk]);
  }

  mend(code: string, ...words: readonly string[]): void {
    execFileSync('sh', ['-c', code, 'mend', ...words]);
  }

  close(): void {
    process.env['PATH'] = this.outerPath;
    for (const disk of this.#mounts) execFileSync('umount', ['--lazy', disk]);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

const QUIET = 'before() { :; }\nafter() { :; }\n';

const STAND_IN = (desk: string): string =>
  [
    '#!/bin/sh',
    `. '${desk}/plan'`,
    'before "$@"',
    `'${GIT}' "$@"`,
    'status=$?',
    `case "$*" in *" update-ref --no-deref -m "*) [ $status != 0 ] || : > '${desk}/landed' ;; esac`,
    'after "$@"',
    'exit $status',
    '',
  ].join('\n');

const UNMEASURED: Change = { 'gatehouse.yaml': 'version: 1\ntest: { command: sh check.sh, timeout: 60s }\n' };

/** Its commands do what the fault's code says. Coverage is measured only where a row is about it: it takes its time. */
const projectAt = (desk: string, measured: boolean): Change => ({
  ...PROJECT,
  ...(measured ? {} : UNMEASURED),
  'check.sh': `. '${desk}/test'\n${PROJECT['check.sh']}`,
  'cover.sh': `. '${desk}/coverage'\n${PROJECT['cover.sh']}`,
});
