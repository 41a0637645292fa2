/**
 * The law of a merge lease, for every form of it. A form is held to it by calling `durableLeaseContract` in a test file
 * of its own, or `leaseContract` when its leases live and die with one process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LeaseProof } from '@gatehouse/verdict';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LeasePort } from '../src/ports.ts';
import { contend } from './contend.ts';

export interface LeaseSubject {
  readonly port: LeasePort;
  /** A second port to the same leases, as another part of the program would have it. */
  another(): LeasePort;
  /** Makes the present holder of `repo` appear silent for longer than the lease allows. */
  silence(repo: string): Promise<void>;
  /**
   * Command line of a child that takes one turn (`contend`), or that acquires and stays (`hold`): it prints `acquired`, and
   * for each line it reads then tries to renew, release and hold, and prints `renewed <boolean> held <boolean>`.
   */
  readonly children?: (mode: 'contend' | 'hold', repo: string, holder: string, arena: string) => readonly string[];
  readonly damage?: {
    /** The record of the present holder becomes unreadable. */
    garble(repo: string): Promise<void>;
    /** The record of the present holder vanishes. */
    lose(repo: string): Promise<void>;
  };
  close(): Promise<void>;
}

const CONTENDERS = 32;
const REPO = 'acme/app';

/** A form whose leases other processes see too. */
export type DurableLeaseSubject = Required<LeaseSubject>;

/** The whole law, for a form whose leases outlive a process. */
export function durableLeaseContract(form: string, open: () => Promise<DurableLeaseSubject>): void {
  leaseContract(form, open);
  describe(`the ${form} lease between processes`, () => {
    let subject: DurableLeaseSubject;
    let arena: string;
    const children: ChildProcess[] = [];

    beforeEach(async () => {
      subject = await open();
      arena = await mkdtemp(join(tmpdir(), 'lease-arena-'));
    });
    afterEach(async () => {
      for (const child of children.splice(0)) await end(child);
      await subject.close();
      await rm(arena, { recursive: true, force: true });
    });

    test(`${CONTENDERS} contenders in real processes are alone one after the other, with growing tokens`, async () => {
      for (let index = 0; index < CONTENDERS; index += 1) {
        children.push(start(subject.children('contend', REPO, `child-${index}`, arena)));
      }
      const codes = await Promise.all(children.map(exitOf));
      expect(codes).toEqual(Array.from({ length: CONTENDERS }, () => 0));
      const tokens = await trace(arena);
      expect(tokens).toHaveLength(CONTENDERS);
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    });

    test('the lease of a killed process is free at once, that of a stopped one only when it fell silent', async () => {
      const holder = start(subject.children('hold', REPO, 'child', arena));
      children.push(holder);
      expect(await linesOf(holder).next()).toMatchObject({ value: 'acquired' });
      holder.kill('SIGSTOP');
      expect(await subject.port.acquire({ repo: REPO, holder: 'task-1' })).toMatchObject({ holder: 'child' });
      await end(holder);
      const proof = await take(subject.port, 'task-1');
      expect(proof.token).toBeGreaterThan(1);
    });

    test('a stopped holder that wakes up after it was passed over finds itself fenced, and changes nothing', async () => {
      const sleeper = start(subject.children('hold', REPO, 'sleeper', arena));
      children.push(sleeper);
      const said = linesOf(sleeper);
      expect(await said.next()).toMatchObject({ value: 'acquired' });
      sleeper.kill('SIGSTOP');
      await subject.silence(REPO);
      const next = await take(subject.port, 'task-1');
      sleeper.kill('SIGCONT');
      sleeper.stdin?.write('what do you hold?\n');
      expect(await said.next()).toMatchObject({ value: 'renewed false held false' });
      expect(await subject.port.held(next)).toBe(true);
      expect(await subject.another().acquire({ repo: REPO, holder: 'task-2' })).toMatchObject({ holder: 'task-1' });
    });

    test('a garbled record blocks until it is silent, fences its holder and lets the next one in', async () => {
      const first = await take(subject.port, 'task-1');
      await subject.damage.garble(REPO);
      expect(await subject.port.held(first)).toBe(false);
      expect(await subject.port.renew(first)).toBe(false);
      expect(await subject.another().acquire({ repo: REPO, holder: 'task-2' })).toMatchObject({ kind: 'busy' });
      await subject.silence(REPO);
      expect((await take(subject.another(), 'task-2')).token).toBeGreaterThan(first.token);
    });

    test('a lost record fences its holder and its token is never granted twice', async () => {
      const first = await take(subject.port, 'task-1');
      await subject.damage.lose(REPO);
      expect(await subject.port.held(first)).toBe(false);
      expect(await subject.port.renew(first)).toBe(false);
      await subject.silence(REPO);
      const second = await take(subject.port, 'task-1');
      expect(second.token).toBeGreaterThan(first.token);
      expect(await subject.port.held(first)).toBe(false);
    });
  });
}

/** What holds for every form. */
export function leaseContract(form: string, open: () => Promise<LeaseSubject>): void {
  describe(`the ${form} lease`, () => {
    let subject: LeaseSubject;
    let arena: string;

    beforeEach(async () => {
      subject = await open();
      arena = await mkdtemp(join(tmpdir(), 'lease-arena-'));
    });
    afterEach(async () => {
      await subject.close();
      await rm(arena, { recursive: true, force: true });
    });

    test('a free lease is granted with a minted proof that names repository and holder', async () => {
      const proof = await take(subject.port, 'task-1');
      expect(LeaseProof.isMinted(proof)).toBe(true);
      expect(proof).toMatchObject({ repo: REPO, holder: 'task-1' });
      expect(await subject.port.held(proof)).toBe(true);
      expect(await subject.another().held(proof)).toBe(true);
    });

    test('a held lease is busy, says who holds it and when to ask again', async () => {
      await take(subject.port, 'task-1');
      const answer = await subject.another().acquire({ repo: REPO, holder: 'task-2' });
      expect(answer).toMatchObject({ kind: 'busy', holder: 'task-1' });
      expect((answer as Extract<typeof answer, { kind: 'busy' }>).retryAfterMs).toBeGreaterThan(0);
    });

    test('a lease is not re-entrant: its own holder finds it busy', async () => {
      await take(subject.port, 'task-1');
      expect(await subject.port.acquire({ repo: REPO, holder: 'task-1' })).toMatchObject({ kind: 'busy' });
    });

    test('repositories do not wait for each other, whatever they are called', async () => {
      for (const repo of [REPO, 'acme/app2', '../..', 'ACME/APP', 'x'.repeat(500), 'ü/ß\n']) {
        expect((await take(subject.port, 'task-1', repo)).repo).toBe(repo);
      }
    });

    test('a released lease is granted again with a higher token, and the old proof stays dead', async () => {
      const first = await take(subject.port, 'task-1');
      await subject.port.release(first);
      expect(await subject.port.held(first)).toBe(false);
      const second = await take(subject.another(), 'task-1');
      expect(second.token).toBeGreaterThan(first.token);
      expect(await subject.port.renew(first)).toBe(false);
      expect(await subject.port.held(first)).toBe(false);
    });

    test('releasing is idempotent and never touches the lease of the next holder', async () => {
      const first = await take(subject.port, 'task-1');
      await subject.port.release(first);
      const second = await take(subject.port, 'task-2');
      await subject.port.release(first);
      expect(await subject.port.held(second)).toBe(true);
      expect(await subject.port.acquire({ repo: REPO, holder: 'task-3' })).toMatchObject({ holder: 'task-2' });
    });

    test('a holder that renews keeps the lease, one that falls silent is passed over and fenced', async () => {
      const silent = await take(subject.port, 'silent');
      await subject.silence(REPO);
      expect(await subject.port.renew(silent)).toBe(true);
      expect(await subject.another().acquire({ repo: REPO, holder: 'eager' })).toMatchObject({ kind: 'busy' });
      await subject.silence(REPO);
      const eager = await take(subject.another(), 'eager');
      expect(eager.token).toBeGreaterThan(silent.token);
      expect(await subject.port.renew(silent)).toBe(false);
      expect(await subject.port.held(silent)).toBe(false);
      await subject.port.release(silent);
      expect(await subject.port.held(eager)).toBe(true);
    });

    test(`${CONTENDERS} contenders in one process are alone one after the other, with growing tokens`, async () => {
      const turns = Array.from({ length: CONTENDERS }, (_, index) =>
        contend(subject.another(), { repo: REPO, holder: `task-${index}`, arena }),
      );
      const tokens = await Promise.all(turns);
      expect(await trace(arena)).toEqual([...tokens].sort((a, b) => a - b));
      expect(new Set(tokens).size).toBe(CONTENDERS);
    });
  });
}

const take = async (port: LeasePort, holder: string, repo = REPO): Promise<LeaseProof> => {
  const answer = await port.acquire({ repo, holder });
  expect(answer.kind).toBe('acquired');
  return (answer as Extract<typeof answer, { kind: 'acquired' }>).proof;
};

const trace = async (arena: string): Promise<number[]> => {
  await mkdir(arena, { recursive: true });
  return (await readFile(join(arena, 'trace'), 'utf8')).trim().split('\n').map(Number);
};

function start(argv: readonly string[]): ChildProcess {
  const [command = '', ...args] = argv;
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What a child says, line by line. */
const linesOf = (child: ChildProcess): AsyncIterator<string> =>
  createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
