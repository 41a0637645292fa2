import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseUsage, readLeftUsage, readUsage, USAGE } from '../src/agents/usage.ts';
import { parsePolicyFile } from '../src/policy/policy-file.ts';
import { spendingWords, spentBy, spentLimit } from '../src/policy/spending.ts';
import { scratchFolder } from './scratch-forge.ts';

/** A gigabyte that takes no room. */
function hugeAt(path: string): void {
  writeFileSync(path, '{');
  truncateSync(path, 1024 ** 3);
}

describe('what an agent reports of its usage', () => {
  test('tokens, dollars or both; other keys are of no interest', () => {
    expect(parseUsage('{"tokens": 1200, "cost_usd": 0.42, "model": "x"}')).toEqual({
      kind: 'reported',
      tokens: 1200,
      costMicros: 420_000,
    });
    expect(parseUsage('{"tokens": 0}\n')).toEqual({ kind: 'reported', tokens: 0, costMicros: null });
    expect(parseUsage('{"cost_usd": 1e-7}')).toEqual({ kind: 'reported', tokens: null, costMicros: 0 });
  });

  test('what cannot be meant is refused in words that quote nothing of it', () => {
    const refused = [
      ['{"tokens": -1}', 'tokens must not be negative'],
      ['{"tokens": NaN}', 'it is not a JSON object'],
      ['{"tokens": 1e300}', /^tokens /],
      ['{"tokens": 1.5}', 'tokens must be whole'],
      ['{"tokens": "many"}', 'tokens must be a number'],
      ['{"tokens": null}', 'tokens must be a number'],
      ['{"cost_usd": -0.01}', 'cost_usd must not be negative'],
      ['{"cost_usd": 1e9}', 'cost_usd is too large to be meant'],
      ['{"cost_usd": {}}', 'cost_usd must be a number'],
      ['{}', 'it has neither tokens nor cost_usd'],
      ['[1]', 'it is not a JSON object'],
      ['7', 'it is not a JSON object'],
      ['', 'it is not a JSON object'],
      ['root:x:0:0', 'it is not a JSON object'],
    ] as const;
    for (const [text, reason] of refused)
      expect([text, parseUsage(text)]).toEqual([
        text,
        { kind: 'refused', reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) },
      ]);
  });

  test('whatever it writes is an answer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const usage = parseUsage(text);
        expect(['reported', 'refused']).toContain(usage.kind);
        if (usage.kind === 'reported') expect(usage.tokens ?? usage.costMicros).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 200 },
    );
  });

  test('the file wins over the last line of its output; without both nothing was reported', async () => {
    const dir = scratchFolder();
    expect(await readUsage(dir, 'done\n')).toEqual({ kind: 'not-reported' });
    const line = 'done\ngatehouse-usage: {"tokens": 7}\n\n';
    expect(await readUsage(dir, line)).toMatchObject({ tokens: 7 });
    expect(await readUsage(dir, `${line}more`)).toEqual({ kind: 'not-reported' });
    expect(await readUsage(dir, 'gatehouse-usage: lots')).toMatchObject({ kind: 'refused' });
    writeFileSync(join(dir, USAGE), '{"tokens": 9}');
    expect(await readUsage(dir, line)).toMatchObject({ tokens: 9 });
  });

  test('a file that is no plain small one is not read', async () => {
    const secret = join(scratchFolder(), 'secret');
    writeFileSync(secret, 'token=hunter2hunter2\n');
    const made: readonly [string, (path: string) => void][] = [
      ['it is a link', (path) => symlinkSync(secret, path)],
      ['it is no plain file', (path) => void execFileSync('mkfifo', [path])],
      ['it is no plain file', (path) => void mkdirSync(path)],
      ['it is larger than 4096 bytes', hugeAt],
      ['it is not a JSON object', (path) => linkSync(secret, path)],
    ];
    for (const [reason, make] of made) {
      const dir = scratchFolder();
      make(join(dir, USAGE));
      const usage = await readUsage(dir, 'gatehouse-usage: {"tokens": 7}');
      expect(usage).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
      expect(JSON.stringify(usage)).not.toContain('hunter2');
    }
    const gone = join(scratchFolder(), 'moved');
    symlinkSync(scratchFolder(), gone);
    expect(await readUsage(gone, '')).toMatchObject({ kind: 'refused' });
  });

  test('of a run that nobody saw end the file counts, and its last sign of life', async () => {
    const dir = scratchFolder();
    expect(await readLeftUsage(dir)).toEqual({ usage: { kind: 'not-reported' }, lastSignMs: null });
    writeFileSync(join(dir, 'agent.log'), 'at work\n');
    writeFileSync(join(dir, USAGE), '{"tokens": 9}');
    utimesSync(join(dir, 'agent.log'), 1000, 1000);
    utimesSync(join(dir, USAGE), 2000, 2000);
    expect(await readLeftUsage(dir)).toEqual({
      usage: { kind: 'reported', tokens: 9, costMicros: null },
      lastSignMs: 2_000_000,
    });
  });
});

describe('a budget', () => {
  const run = (tokens: number | null, costMicros: number | null = null, endedAt: number | null = 60_000) => ({
    startedAt: 0,
    endedAt,
    tokens,
    costMicros,
  });

  test('is spent when one of its limits is reached; what was not reported reaches none', () => {
    const spent = spentBy([run(400), run(null), run(600, 420_000)], 0);
    expect(spent).toMatchObject({ attempts: 3, timeMs: 180_000, tokens: 1000, costMicros: 420_000 });
    expect(spentLimit(spent, {})).toBeNull();
    expect(spentLimit(spent, { tokens: 1001, attempts: 4, timeMs: 180_001, costMicros: 420_001 })).toBeNull();
    expect(spentLimit(spent, { tokens: 1000 })).toBe('1,000 tokens of 1,000 tokens');
    expect(spentLimit(spent, { costMicros: 420_000 })).toBe('$0.42 of $0.42');
    expect(spentLimit(spent, { timeMs: 120_000 })).toBe('3 m of 2 m');
    expect(spentLimit(spent, { attempts: 3 })).toBe('3 runs of 3 runs');
    expect(spentLimit(spent, { tokens: null, attempts: null })).toBeNull();
    expect(spentLimit(spentBy([run(null)], 0), { tokens: 1, costMicros: 1 })).toBeNull();
  });

  test('is told beside what was used, and nothing reported is not zero', () => {
    const spent = spentBy([run(400), run(null)], 0);
    expect(spendingWords(spent, { tokens: 2_000_000, costMicros: 5_000_000 })).toEqual([
      '2 runs',
      '2 m',
      '400 tokens of 2,000,000 tokens (1 of 2 did not report)',
      'cost not reported (limit $5.00)',
    ]);
    expect(spentBy([run(null, null, null)], 5_000).timeMs).toBe(5_000);
  });

  test('stands in the operator’s file alone, in keys that are strict', () => {
    const file = (budget: string) => `version: 1\nagents: { command: work, budget: { ${budget} } }\n`;
    const read = parsePolicyFile(file('time: 2h, attempts: 12, tokens: 2000000, cost_usd: 5'), 'f');
    expect(read).toMatchObject({
      policy: { agents: { budget: { timeMs: 7_200_000, attempts: 12, tokens: 2_000_000, costMicros: 5_000_000 } } },
    });
    const problems = (budget: string) => {
      const answer = parsePolicyFile(file(budget), 'f');
      return answer.kind === 'invalid' ? answer.problems.join() : 'taken';
    };
    expect(problems('token: 5')).toBe('f: unknown key agents.budget.token; did you mean tokens? (line 2)');
    expect(problems('tokens: -5')).toContain('agents.budget.tokens');
    expect(problems('cost_usd: 0')).toContain('agents.budget.cost_usd');
    expect(parsePolicyFile(file('tokens: 5'), 'f', 'repository').kind).toBe('invalid');
  });
});
