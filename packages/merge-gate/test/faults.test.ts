import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  checkBranchMergeable,
  fileLease,
  type LeasePort,
  type MergeVerdict,
  mergeCheckVerdict,
  type ResultPort,
  type TestPolicy,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
  scratch.commit('task', { 'a.txt': 'a\n' });
});
afterEach(() => scratch.close());

const ask = async (
  changes: Parameters<ScratchRepository['request']>[1] = {},
  ports: object = {},
): Promise<MergeVerdict> =>
  checkBranchMergeable(await scratch.request('task', changes), { lease: scratch.lease, ...ports });

const running = (command: string, changes: Partial<TestPolicy> = {}): { policy: TestPolicy } => ({
  policy: { ...POLICY, command, ...changes },
});

const statusOf = (verdict: MergeVerdict): string => mergeCheckVerdict(verdict, { base: '', head: '' }).status;

/** Living processes that carry `mark` in their command line. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && cmdlineOf(pid).includes(mark));
}

function cmdlineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const onLinux = process.platform === 'linux' ? test : test.skip;

describe('a command that is ended from outside blames no branch', () => {
  onLinux('a deadline with orphans: infra, and every process of the run is gone', async () => {
    const mark = `orphan-${randomUUID()}`;
    const orphan = `sh -c 'sleep 300; : ${mark}' & `;
    const verdict = await ask(running(`${orphan} ${orphan} sleep 300; : ${mark}`, { timeoutMs: 700 }));
    expect(verdict).toMatchObject({ kind: 'infra', run: { ending: 'timed-out', outcome: 'infra' } });
    expect(statusOf(verdict)).toBe('defer');
    expect(marked(mark)).toEqual([]);
    expect(scratch.story).toEqual(['branch infra']);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  onLinux('a command that ignores TERM is killed after the grace, not waited for', async () => {
    const mark = `deaf-${randomUUID()}`;
    const verdict = await ask(
      running(`trap '' TERM; while :; do sleep 1; : ${mark}; done`, { timeoutMs: 500, graceMs: 200 }),
    );
    expect(verdict).toMatchObject({ kind: 'infra', run: { ending: 'timed-out' } });
    expect(marked(mark)).toEqual([]);
  });

  test('a plain spawn proves nothing about what is left, and the record says so', async () => {
    await ask({ switches: { treeKill: false } });
    expect(scratch.runs.map(({ level, verified }) => [level, verified])).toEqual([['plain', false]]);
  });

  onLinux('what a green run leaves behind is ended and said', async () => {
    const mark = `daemon-${randomUUID()}`;
    const verdict = await ask(running(`sh -c 'sleep 300; : ${mark}' >/dev/null 2>&1 & ${POLICY.command}`));
    expect(verdict).toMatchObject({ kind: 'mergeable', warnings: [expect.stringContaining('leftovers: ')] });
    expect(marked(mark)).toEqual([]);
  });

  /** Where a keeper waits it hears the signal; without one nobody is left who could tell. */
  const unknown: unknown = expect.stringMatching(/^(?:status-unknown|signalled)$/);
  const endings: readonly (readonly [string, string, unknown])[] = [
    ['a signal', 'kill -9 $$', 'signalled'],
    ['a real-time signal, which Node calls success', 'kill -40 $$', 'signalled'],
    ['a status that nobody could tell', 'kill -32 0', unknown],
    ['a child’s signal reported by the shell', 'sh -c "kill -9 \\$\\$"; exit $?', 'signalled'],
    ['a heap out of memory', 'echo "FATAL ERROR: JavaScript heap out of memory" >&2; exit 1', 'out-of-memory'],
    ['a full disk', 'echo "write error: No space left on device" >&2; exit 1', 'disk-full'],
    ['a registry out of reach', 'echo "npm error code EAI_AGAIN" >&2; exit 1', 'network-down'],
    ['a file that cannot be executed', './README.md', 'not-executable'],
  ];
  test.each(endings)('%s is infra', async (_title, command, ending) => {
    expect(await ask(running(command))).toMatchObject({ kind: 'infra', run: { ending } });
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  onLinux('with the tree-kill off a real-time signal is infra, too, and nothing is mergeable', async () => {
    const verdict = await ask({ ...running('kill -40 $$'), switches: { treeKill: false } });
    expect(verdict).toMatchObject({ kind: 'infra', run: { ending: 'signalled', level: 'plain' } });
  });

  test('with the switch off a deadline fails the branch, as it used to, and asks for no certificate', async () => {
    const verdict = await ask({ ...running('sleep 60', { timeoutMs: 300 }), switches: { infraRetry: false } });
    expect(verdict).toMatchObject({ kind: 'timed-out', run: { ending: 'timed-out' } });
    expect(statusOf(verdict)).toBe('fail');
    expect(scratch.story).toEqual(['branch infra']);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a base that cannot be judged certifies nothing', async () => {
    scratch.commit('task', { 't/bad.sh': 'false\n', 'branch.txt': 'x\n' });
    const verdict = await ask(running(`test -e branch.txt || kill -9 $$; ${POLICY.command}`));
    expect(verdict).toMatchObject({ kind: 'infra', reason: expect.stringContaining('base cannot be judged') });
    expect(scratch.story).toEqual(['branch red', 'branch-again red', 'base infra']);
  });

  test('a second run that is ended from outside certifies nothing', async () => {
    const state = join(scratch.root, 'state');
    const command = `if test -e ${state}; then kill -9 $$; fi; touch ${state}; echo "not ok 1 - x"; echo 1..1; exit 1`;
    expect(await ask(running(command))).toMatchObject({ kind: 'infra' });
    expect(scratch.story).toEqual(['branch red', 'branch-again infra']);
  });
});

describe('calling a check off', () => {
  test('before it starts: nothing runs and nothing is held', async () => {
    expect(await ask({ signal: AbortSignal.abort('STOP') })).toMatchObject({ kind: 'infra' });
    expect(scratch.story).toEqual([]);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  onLinux('in the middle of a run: the run ends, the lease is free, nobody is blamed', async () => {
    const mark = `stopped-${randomUUID()}`;
    const stop = new AbortController();
    const pending = ask({ ...running(`sleep 300; : ${mark}`), signal: stop.signal });
    await until(() => marked(mark).length > 0);
    expect(await scratch.leaseIsFree()).toBe(false);
    stop.abort('STOP');
    expect(await pending).toMatchObject({ kind: 'infra', run: { ending: 'cancelled' } });
    expect(marked(mark)).toEqual([]);
    expect(await scratch.leaseIsFree()).toBe(true);
  });
});

describe('a lease that fails', () => {
  const withLease = (changes: Partial<LeasePort>): { lease: LeasePort } => ({
    lease: { ...scratch.lease, renewEveryMs: 20, ...changes },
  });

  test('lost during a run stops the run and opens nothing', async () => {
    let renewals = 0;
    const lost = withLease({
      renew: async () => {
        renewals += 1;
        return renewals < 3;
      },
    });
    const verdict = await ask(running('sleep 300'), lost);
    expect(verdict).toMatchObject({ kind: 'busy' });
    expect(renewals).toBeGreaterThanOrEqual(3);
  });

  test('taken by another holder after the run opens nothing', async () => {
    expect(await ask({}, withLease({ held: async () => false }))).toMatchObject({ kind: 'busy' });
  });

  test('a port that throws at a renewal is asked again', async () => {
    let renewals = 0;
    const stutter = withLease({
      renew: async (proof) => {
        renewals += 1;
        if (renewals === 1) throw new Error('locked');
        return scratch.lease.renew(proof);
      },
    });
    expect(await ask(running(`sleep 0.3; ${POLICY.command}`), stutter)).toMatchObject({ kind: 'mergeable' });
    expect(renewals).toBeGreaterThan(1);
  });

  test('a port that throws when asked is a crash and no verdict', async () => {
    const broken = withLease({ acquire: () => Promise.reject(new Error('no lease today')) });
    expect(await ask({}, broken)).toMatchObject({ kind: 'crashed', error: { message: 'no lease today' } });
  });

  test('a directory that cannot keep leases is infra', async () => {
    await writeFile(join(scratch.root, 'file'), '');
    expect(await ask({}, { lease: fileLease(join(scratch.root, 'file')) })).toMatchObject({ kind: 'infra' });
  });
});

describe('surroundings that break during the check', () => {
  const broken: readonly (readonly [string, () => Promise<Parameters<typeof ask>[0]>])[] = [
    ['a mirror that is gone', async () => ({ git: { gitDir: join(scratch.root, 'nowhere.git') } })],
    ['a head that is not there', async () => ({ head: 'f'.repeat(40) })],
    ['a slot path that is a file', async () => ({ slotDir: await belowAFile() })],
    ['a log path that is a file', async () => ({ logDir: await belowAFile() })],
    [
      'a corrupt object',
      async () => {
        const request = await scratch.request('task');
        const tree = scratch.run('rev-parse', `${request.head}^{tree}`);
        const path = join(scratch.git.gitDir, 'objects', tree.slice(0, 2), tree.slice(2));
        await rm(join(scratch.git.gitDir, 'objects/pack'), { recursive: true });
        await mkdir(join(scratch.git.gitDir, 'objects', tree.slice(0, 2)), { recursive: true });
        await rm(path, { force: true });
        await writeFile(path, 'garbage');
        await chmod(path, 0o444);
        return {};
      },
    ],
  ];
  test.each(broken)('%s blames no branch and gives the lease back', async (_title, breakIt) => {
    const changes = await breakIt();
    const request = { ...(await scratch.request('task').catch(() => requestWithoutRepository())), ...changes };
    const verdict = await checkBranchMergeable(request, { lease: scratch.lease });
    expect(['infra', 'tool-failed', 'crashed']).toContain(verdict.kind);
    expect(await scratch.leaseIsFree()).toBe(true);
  });

  test('a listener that throws or a memory that hangs up changes no verdict', async () => {
    const results: ResultPort = {
      lookup: () => Promise.reject(new Error('gone')),
      record: () => Promise.reject(new Error('gone')),
    };
    const onRun = (): never => {
      throw new Error('not my day');
    };
    const verdict = await ask({ onRun }, { results });
    expect(verdict).toMatchObject({
      kind: 'mergeable',
      warnings: ['results-unavailable: gone', 'results-unrecorded: gone'],
    });
  });
});

async function belowAFile(): Promise<string> {
  await writeFile(join(scratch.root, 'file'), '');
  return join(scratch.root, 'file/below');
}

/** A request without a fetch, for a mirror that cannot be fetched into. */
function requestWithoutRepository(): Awaited<ReturnType<ScratchRepository['request']>> {
  const [base, head] = [scratch.run('rev-parse', 'main'), scratch.run('rev-parse', 'task')];
  return { repo: 'acme/app', holder: 'task', git: scratch.git, base, head, slotDir: scratch.slotDir, policy: POLICY };
}

async function until(holds: () => boolean): Promise<void> {
  const mine = scratch;
  while (!holds()) {
    if (scratch !== mine) throw new Error('it never came to hold');
    await pause(10);
  }
}
