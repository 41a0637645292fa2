/** Real commands on real commits: what is run, what is refused, what is on record, and what stops it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRun, CommitRun, RunRequest } from '@gatehouse/gate-run';
import { containmentLevel } from '@gatehouse/proc-group';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
let commit: string;
beforeAll(() => {
  repo = new ScratchRepo();
  commit = repo.commit({ 'a.txt': 'a\n' });
});
afterAll(() => repo.remove());

interface RunResult {
  readonly answer: CommitRun;
  readonly runs: readonly CommandRun[];
}

async function run(change: Partial<RunRequest>): Promise<RunResult> {
  const runs: CommandRun[] = [];
  const answer = await repo.run(commit, { graceMs: 200, onRun: (one) => void runs.push(one), ...change });
  return { answer, runs };
}

const marker = (name: string): string => join(repo.root, name);
const touch = (name: string): string => `: > '${marker(name)}'`;

describe('a command', () => {
  test('sees exactly the commit, and leaves one record with what it did', async () => {
    const { answer, runs } = await run({ command: 'ls; cat a.txt' });
    expect(answer).toMatchObject({ kind: 'ran', output: expect.stringContaining('a.txt\na\n'), warnings: [] });
    expect(runs).toEqual([
      expect.objectContaining({
        purpose: 'branch',
        commit,
        tree: repo.git(['rev-parse', `${commit}^{tree}`]).trim(),
        command: 'ls; cat a.txt',
        outcome: 'green',
        ending: 'passed',
        exitCode: 0,
        verified: true,
        leftovers: 0,
        excerpt: 'a.txt\na',
      }),
    ]);
    expect(answer).toMatchObject({ run: runs[0] });
  });

  test('says the files of the commit from its root, not where this machine has them', async () => {
    const { runs } = await run({
      command: 'echo "at $PWD/a.txt:1"; ls "file://$PWD/a.txt"',
      judge: async ({ output }) => ({ tests: { failed: ['a'], details: [{ name: 'a', detail: output }] } }),
    });
    const said = [runs[0]?.excerpt, runs[0]?.tests?.details?.[0]?.detail];
    expect(said).toEqual([expect.stringMatching(/^at a\.txt:1\n/), expect.stringMatching(/^at a\.txt:1\n/)]);
    expect(said.join()).not.toContain(repo.root);
  });

  test('finds nothing of the run before it, unless the slot stands', async () => {
    const command = 'ls; : > left';
    await run({ command });
    const fresh = await run({ command });
    const standing = await run({ command, slot: { kind: 'stands', dir: repo.slotDir, tree: null } });
    expect([fresh.runs[0]?.excerpt, standing.runs[0]?.excerpt]).toEqual(['a.txt', 'a.txt\nleft']);
    expect(standing.runs[0]?.tree).toBeNull();
  });

  test('runs after its setup, and not at all after a setup that fails', async () => {
    const both = await run({ setup: ': > made', command: 'test -e made' });
    expect(both.runs.map(({ purpose, outcome }) => [purpose, outcome])).toEqual([
      ['setup', 'green'],
      ['branch', 'green'],
    ]);
    const failed = await run({ setup: 'exit 3', command: touch('after-setup') });
    expect(failed.answer).toMatchObject({ kind: 'setup-failed', ended: { kind: 'exited', code: 3 } });
    expect(failed.runs).toMatchObject([{ purpose: 'setup', outcome: 'red', exitCode: 3 }]);
    expect(existsSync(marker('after-setup'))).toBe(false);
  });

  test('sees the variables that are named, and no others', async () => {
    process.env['GATE_RUN_SECRET_OF_OURS'] = 'x';
    try {
      const command = 'echo "[$GIVEN][$GATE_RUN_SECRET_OF_OURS]"; test -n "$PATH"';
      const { runs } = await run({ command, env: { set: { GIVEN: '1' } } });
      expect(runs).toMatchObject([{ outcome: 'green', excerpt: '[1][]' }]);
    } finally {
      delete process.env['GATE_RUN_SECRET_OF_OURS'];
    }
  });

  test('may be a program with arguments, which stands in the record as it is shown', async () => {
    const command = { program: 'sh', args: ['-c', 'echo "$0"', '$(id)'], shown: 'the printer' };
    const { runs } = await run({ command });
    expect(runs).toMatchObject([{ command: 'the printer', excerpt: '$(id)' }]);
  });

  test('writes a log of its own, setup and command apart', async () => {
    const { runs } = await run({ setup: 'echo s', command: 'echo c', log: { dir: repo.logDir, name: 'both' } });
    expect(runs.map(({ logPath = '' }) => [logPath, readFileSync(logPath, 'utf8')])).toEqual([
      [join(repo.logDir, 'both.setup.log'), 's\n'],
      [join(repo.logDir, 'both.log'), 'c\n'],
    ]);
  });

  test('without a place for its log is not run', async () => {
    const file = marker('not-a-directory');
    writeFileSync(file, '');
    const { answer, runs } = await run({ command: touch('unlogged'), log: { dir: join(file, 'x'), name: 'l' } });
    expect(answer).toMatchObject({ kind: 'no-logs', reason: expect.stringContaining('ENOTDIR') });
    expect([runs, existsSync(marker('unlogged'))]).toEqual([[], false]);
  });
});

describe('the kill-switch', () => {
  test('off runs setup and command as a plain spawn, and says so; on, as the machine can', async () => {
    const off = await run({ setup: 'true', limits: { treeKill: false } });
    expect(off.runs.map(({ level, verified }) => [level, verified])).toEqual([
      ['plain', false],
      ['plain', false],
    ]);
    const { level } = (await containmentLevel()) as { readonly level: string };
    expect((await run({})).runs.map((one) => one.level)).toEqual([level]);
  });
});

describe('the deadline', () => {
  test('that cannot be brought under the reaper is refused, and nothing is run or laid out', async () => {
    const dir = marker('never-laid-out');
    const slot = { kind: 'check-out' as const, git: { gitDir: repo.gitDir }, dir };
    const { answer, runs } = await run({ slot, command: touch('too-late'), limits: { reaperLimitMs: 30_000 } });
    expect(answer).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining("the reaper's limit of 30000 ms"),
    });
    expect([runs, existsSync(marker('too-late')), existsSync(dir)]).toEqual([[], false, false]);
  });

  test('that can be shortened is, and it is said; with validation off it is taken as it is', async () => {
    const limits = { reaperLimitMs: 100_000 };
    const { answer } = await run({ timeoutMs: 90_000, limits });
    expect(answer).toMatchObject({ kind: 'ran', warnings: [expect.stringContaining('the timeout is now 39799 ms')] });
    const taken = await run({ timeoutMs: 90_000, limits: { ...limits, validateDeadline: false } });
    expect(taken.answer).toMatchObject({ kind: 'ran', warnings: [] });
  });

  test('ends the command, and blames no change', async () => {
    const { answer, runs } = await run({ command: 'sleep 600', timeoutMs: 300 });
    expect(answer).toMatchObject({ kind: 'ran', ended: { kind: 'timeout' } });
    expect(runs).toMatchObject([{ outcome: 'infra', ending: 'timed-out' }]);
  });
});

describe('the record', () => {
  test('takes the reason and excerpt of the caller, and masks them', async () => {
    const { runs } = await run({
      command: 'echo hunter2',
      judge: ({ step, output, end }) => ({ outcome: 'tool-failed', reason: `${step} ${end.ending}: ${output.trim()}` }),
      mask: async (text) => text.replaceAll('hunter2', '***'),
    });
    expect(runs).toMatchObject([
      { outcome: 'tool-failed', ending: 'passed', reason: 'command passed: ***', excerpt: '***' },
    ]);
  });

  test('masks before it cuts: no half of a secret, of a line or of a character is in the excerpt', async () => {
    const secret = 'hunter2-hunter2-hunter2';
    const mask = async (text: string) => text.replaceAll(secret, '*'.repeat(secret.length));
    const filler = (length: number) => 'x'.repeat(length);
    const printed: readonly (readonly [string, RegExp])[] = [
      [`${filler(9_000)}${secret}${filler(3_990)}`, /^\(… 9013 characters before this\)\n\*{10}x+$/],
      [`first\n${filler(990)}\r\n${filler(3_010)}\r\nlast`, /^\(… 998 characters before this\)\nx+\r\nlast$/],
      [`${filler(5_000)}😀${filler(3_999)}`, /^\(… 5002 characters before this\)\nx+$/],
      [filler(900_000), /^\(… 896000 characters before this\)\nx+$/],
      [`short ${secret}`, /^short \*+$/],
    ];
    for (const [text, shown] of printed) {
      const command = `printf %s "$TEXT"`;
      const { runs } = await run({
        command: text.length > 100_000 ? `head -c ${text.length} /dev/zero | tr '\\0' x` : command,
        env: { set: { TEXT: text.length > 100_000 ? '' : text } },
        limits: { mask },
      });
      expect(runs[0]?.excerpt).toMatch(shown);
      expect(runs[0]?.excerpt).not.toContain('hunter2');
    }
  });

  test('of a run that cannot be judged proves nothing, and text that cannot be masked is withheld', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    expect((await run({ judge: broken })).runs).toMatchObject([
      { outcome: 'tool-failed', reason: 'the run could not be judged: broken' },
    ]);
    const { runs } = await run({ command: 'echo hunter2', mask: broken });
    expect(JSON.stringify(runs.map(({ reason, excerpt }) => [reason, excerpt]))).not.toContain('hunter2');
  });

  test('that cannot be kept costs a warning, and the answer stands', async () => {
    const onRun = async (): Promise<never> => {
      throw new Error('the store is closed');
    };
    const { answer } = await run({ onRun });
    expect(answer).toMatchObject({
      kind: 'ran',
      run: { outcome: 'green' },
      warnings: ['the branch command could not be recorded: the store is closed'],
    });
  });

  test('is kept of a command that its preparation refused', async () => {
    const { answer, runs } = await run({ command: touch('unprepared'), prepare: async () => 'the report is a link' });
    expect(answer).toMatchObject({ kind: 'refused', reason: 'the report is a link', run: runs[0] });
    expect(runs).toMatchObject([{ outcome: 'tool-failed', ending: 'refused', verified: true }]);
    expect(existsSync(marker('unprepared'))).toBe(false);
  });
});

describe('one stop', () => {
  test('ends the command that is running, and its record says so', async () => {
    const stop = new AbortController();
    const dir = repo.logDir;
    const began = { setup: 'true', command: 'echo began; sleep 600', log: { dir, name: 'stopped' } };
    const judge = ({ step }: { readonly step: string }) => {
      if (step === 'setup') setImmediate(() => stop.abort(new Error('STOP')));
      return {};
    };
    const { answer, runs } = await run({ ...began, judge, signal: stop.signal });
    expect(answer).toMatchObject({ kind: 'ran', ended: { kind: 'cancelled' } });
    expect(runs.map(({ purpose, ending }) => [purpose, ending])).toEqual([
      ['setup', 'passed'],
      ['branch', 'cancelled'],
    ]);
  });

  test('before the beginning runs nothing', async () => {
    const { answer } = await run({ command: touch('stopped-before'), signal: AbortSignal.abort(new Error('STOP')) });
    expect(answer.kind).toBe('checkout-failed');
    expect(existsSync(marker('stopped-before'))).toBe(false);
  });
});

test('a commit that does not exist is reported with what git said', async () => {
  const { answer, runs } = await run({ commit: '0'.repeat(40) });
  expect(answer).toMatchObject({
    kind: 'checkout-failed',
    outcome: 'tool-failed',
    failure: { kind: 'git-failed', trouble: 'missing-object' },
  });
  expect(runs).toEqual([]);
});
