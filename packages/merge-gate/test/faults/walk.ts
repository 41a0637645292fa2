/**
 * A random history of one repository: six branches, two services that share nothing but the forge and the lease, authors
 * and outsiders who push whenever they like, and crashes between any two phases. One seed is one history.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLease, type TestPolicy } from '../../src/index.ts';
import { RUN_TESTS } from '../run-tests.ts';
import { attempt, type Phase, type RoundEnd } from './queue.ts';

const BRANCHES = 6;
const POLICY: TestPolicy = {
  command: RUN_TESTS,
  timeoutMs: 120_000,
  minTests: 1,
  flaky: 'pass',
  env: [],
};
/** Green means: nothing bad, and not both halves of a pair that only works alone. */
const LAW = 'for f in bad*.txt; do test ! -e "$f" || exit 1; done; ! { test -e left.txt && test -e right.txt; }\n';
const lawHolds = (files: readonly string[]): boolean =>
  !files.some((file) => /^bad.*\.txt$/.test(file)) && !(files.includes('left.txt') && files.includes('right.txt'));

export interface Walked {
  readonly seed: number;
  readonly steps: number;
  /** How often each thing happened; a walk in which nothing lands shows nothing. */
  readonly counts: Readonly<Record<string, number>>;
  /** Violated rules, one line each. */
  readonly violations: readonly string[];
}

class Crash extends Error {}

/** Walks `steps` steps and answers every rule that was violated on the way. */
export async function walk(seed: number, steps: number): Promise<Walked> {
  const world = new World(seed);
  try {
    for (let step = 0; step < steps; step += 1) await world.step();
    world.judgeMain();
    return { seed, steps, counts: world.counts, violations: world.violations };
  } finally {
    world.close();
  }
}

class World {
  readonly counts: Record<string, number> = {};
  readonly violations: string[] = [];
  readonly #root = mkdtempSync(join(tmpdir(), 'walk-'));
  readonly #origin = join(this.#root, 'origin.git');
  readonly #clone = join(this.#root, 'clone');
  readonly #green = new Set<string>();
  readonly #others = new Set<string>();
  readonly #random: () => number;
  #nowMs = 0;
  readonly #lease = memoryLease({ ttlMs: 60_000, now: () => this.#nowMs });
  #made = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#git('init', '--quiet', '--bare', '--initial-branch=main', this.#origin);
    this.#git('--git-dir', this.#origin, 'config', 'core.logAllRefUpdates', 'always');
    this.#git('init', '--quiet', '--initial-branch=main', this.#clone);
    this.#push('main', { 't/law.sh': LAW, 'shared.txt': 'one\ntwo\nthree\n' });
    for (let branch = 0; branch < BRANCHES; branch += 1) this.#authorPushes(branch);
  }

  async step(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.15) this.#outsiderPushes();
    else if (roll < 0.3) this.#authorPushes(this.#any(BRANCHES));
    else if (roll < 0.75) await this.#attempt(this.#any(BRANCHES), 0);
    else await Promise.all([this.#attempt(this.#any(3), 0), this.#attempt(3 + this.#any(3), 1)]);
  }

  /** Main only grew, and whatever we moved it to had been seen green as exactly that tree. */
  judgeMain(): void {
    const log = this.#git('--git-dir', this.#origin, 'reflog', 'show', '--format=%H', 'refs/heads/main');
    const heads = log.split('\n').reverse();
    for (const [at, head] of heads.entries()) {
      const before = heads[at - 1];
      if (before === undefined) continue;
      if (this.#forge('merge-base', before, head) !== before) this.violations.push(`main was rewritten at ${head}`);
      if (this.#others.has(head)) continue;
      this.#count('landings');
      const tree = this.#forge('rev-parse', `${head}^{tree}`);
      if (!this.#green.has(tree)) this.violations.push(`${head} landed and its tree ${tree} was never seen green`);
      if (!lawHolds(this.#files(head))) this.violations.push(`${head} landed and is red`);
    }
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #attempt(branch: number, service: number): Promise<void> {
    const crashAt = this.#random() < 0.25 ? this.#pick<Phase>(['check', 'land', 're-read']) : null;
    const meddleAt = this.#random() < 0.3 ? this.#pick<Phase>(['check', 'land', 're-read']) : null;
    const meddle = this.#random() < 0.5 ? () => this.#outsiderPushes() : () => this.#authorPushes(branch);
    const before = (phase: Phase): void => {
      if (phase === meddleAt) meddle();
      if (phase === crashAt) throw new Crash();
    };
    const whileRunning = this.#random() < 0.15 ? meddle : () => {};
    const round = attempt({
      home: join(this.#root, `service-${service}`),
      origin: this.#origin,
      branch: `task-${branch}`,
      holder: `service-${service}`,
      policy: POLICY,
      lease: this.#lease,
      before,
      onRun: (run) => {
        if (run.outcome === 'green' && run.tree !== null) this.#green.add(run.tree);
        whileRunning();
      },
    });
    const end = await round.catch((thrown: unknown) => {
      if (!(thrown instanceof Crash)) throw thrown;
      // A dead holder falls silent; here that takes no time.
      this.#nowMs += 120_000;
      return null;
    });
    if (end === null) this.#count('crashes');
    else this.#judge(branch, end);
  }

  #judge(branch: number, end: RoundEnd): void {
    this.#count(end.kind === 'judged' ? end.verdict.kind : end.kind);
    if (end.kind !== 'judged') return;
    const { verdict, status } = end;
    if (verdict.kind === 'crashed') this.violations.push(`crashed: ${String(verdict.error)}`);
    if (verdict.kind === 'red') {
      const { tested, base, baseRun } = verdict.certificate;
      if (lawHolds(this.#mirrored(tested))) this.violations.push(`task-${branch} was blamed and is green`);
      if (baseRun.outcome !== 'green' || !lawHolds(this.#files(base)))
        this.violations.push(`task-${branch} was blamed on a base that is red`);
    } else if (status === 'fail' && verdict.kind !== 'conflicted') {
      this.violations.push(`task-${branch} failed as ${verdict.kind}`);
    }
  }

  /** The files of a commit that only a service's mirror has. */
  #mirrored(commit: string): readonly string[] {
    for (const service of [0, 1]) {
      const mirror = join(this.#root, `service-${service}`, 'mirror.git');
      try {
        return this.#git('--git-dir', mirror, 'ls-tree', '-r', '--name-only', commit).split('\n');
      } catch {}
    }
    return [];
  }

  /** A person with the right to push to main does so, now and then something red. */
  #outsiderPushes(): void {
    const main = this.#forge('rev-parse', 'refs/heads/main');
    this.#git('-C', this.#clone, 'fetch', '--quiet', this.#origin, 'refs/heads/main');
    this.#git('-C', this.#clone, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
    const heals = this.#files(main).filter((file) => /^bad.*\.txt$/.test(file) || file === 'right.txt');
    for (const file of heals) this.#git('-C', this.#clone, 'rm', '--quiet', file);
    const name = this.#random() < 0.1 ? 'bad-main.txt' : `outside-${this.#made}.txt`;
    this.#others.add(this.#push('main', { [name]: 'x\n' }));
    this.#count('outside pushes');
  }

  #authorPushes(branch: number): void {
    const name = `task-${branch}`;
    const known = this.#git('--git-dir', this.#origin, 'branch', '--list', name) !== '';
    const from = known && this.#random() < 0.7 ? name : 'main';
    this.#git('-C', this.#clone, 'fetch', '--quiet', this.#origin, `refs/heads/${from}`);
    this.#git('-C', this.#clone, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
    const kinds: readonly (() => Readonly<Record<string, string>>)[] = [
      () => ({ [`${name}-${this.#made}.txt`]: 'x\n' }),
      () => ({ [`${name}-${this.#made}.txt`]: 'y\n' }),
      () => ({ 'shared.txt': `one\n${name} ${this.#made}\nthree\n` }),
      () => ({ [branch % 2 === 0 ? 'left.txt' : 'right.txt']: `${this.#made}\n` }),
      () => ({ [`bad-${branch}.txt`]: `${this.#made}\n` }),
    ];
    this.#push(name, kinds[this.#any(kinds.length)]?.() ?? {});
    this.#count('author pushes');
  }

  #push(ref: string, files: Readonly<Record<string, string>>): string {
    this.#made += 1;
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.#clone, path, '..'), { recursive: true });
      writeFileSync(join(this.#clone, path), text);
    }
    this.#git('-C', this.#clone, 'add', '--all');
    this.#git('-C', this.#clone, 'commit', '--quiet', '--allow-empty', '-m', `${ref} ${this.#made}`);
    this.#git(
      '-C',
      this.#clone,
      'push',
      '--quiet',
      ref === 'main' ? '--no-force' : '--force',
      this.#origin,
      `HEAD:refs/heads/${ref}`,
    );
    return this.#git('-C', this.#clone, 'rev-parse', 'HEAD');
  }

  #files(commit: string): readonly string[] {
    return this.#forge('ls-tree', '-r', '--name-only', commit).split('\n');
  }

  #forge(...args: readonly string[]): string {
    return this.#git('--git-dir', this.#origin, ...args);
  }

  #git(...args: readonly string[]): string {
    const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'a@example.org' };
    const by = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'a@example.org' };
    const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...who, ...by };
    return execFileSync('git', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #any(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<T>(of: readonly [T, ...T[]]): T {
    return of[this.#any(of.length)] ?? of[0];
  }
}

/** Mulberry32: small, seeded, good enough to walk with. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
