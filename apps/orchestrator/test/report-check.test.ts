import { CHECKS } from '@gatehouse/stage-engine';
import { expect, test } from '@jest/globals';
import type { CheckContext, TaskEvidence } from '../src/checks/port.ts';
import { checkReport } from '../src/checks/report-check.ts';

const check = checkReport(CHECKS.check_review_approved, { boundToCode: false });

function judged(text: string) {
  const evidence = { copyOf: async () => ({ kind: 'copy', text, codeTree: null }), codeTree: null };
  return check({ evidence: evidence as unknown as TaskEvidence } as CheckContext);
}

async function rejectedWith(body: string) {
  const { findings } = await judged(`---\nverdict: REJECTED\n---\n${body}`);
  return findings.map(({ message }) => message);
}

test.each(['approved', '\'"APPROVED"\'', 'APPROVED with notes', 'Approved.'])(
  '%s is told what opens',
  async (value) => {
    const { status, reason } = await judged(`---\nverdict: ${value}\n---\nfine\n`);
    expect([status, reason]).toEqual([
      'fail',
      expect.stringMatching(
        /^12-review\.md says verdict: .*; only `verdict: APPROVED` opens, to the letter: capitals count, and nothing stands beside it$/,
      ),
    ]);
  },
);

test.each(['REJECTED', 'not approved', 'NOT_APPROVED'])('%s says something else', async (value) => {
  const { status, reason } = await judged(`---\nverdict: ${value}\n---\nno\n`);
  expect([status, reason]).toEqual(['fail', `12-review.md says verdict: ${value}`]);
});

test('what a report notes of itself stands behind its value', async () => {
  const { status, reason } = await judged('---\nverdict: APPROVED\nnote: read by two\n---\nfine\n');
  expect([status, reason]).toEqual(['pass', '12-review.md says verdict: APPROVED; read by two']);
});

test('a report of two hundred findings is told whole, in pieces that end with a line', async () => {
  const lines = Array.from({ length: 200 }, (_, at) => `finding ${at}: the thing in file${at}.js has to be mended`);
  const pieces = await rejectedWith(lines.join('\n'));
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join('\n').split('\n')).toEqual(lines);
});

test('beyond what a brief holds it says how much is left, and where', async () => {
  const pieces = await rejectedWith(
    Array.from({ length: 3000 }, (_, at) => `finding ${at} is like the others`).join('\n'),
  );
  const left = Number(/^and (\d+) more lines; \S+ has all of it$/.exec(pieces.at(-1) ?? '')?.[1]);
  expect(pieces.slice(0, -1).join('\n').split('\n')).toHaveLength(3000 - left);
  expect(pieces.join('').length).toBeLessThan(65_536);
});

test('a line longer than a piece goes on in the next, and no secret is cut in halves', async () => {
  const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
  for (let at = 5960; at <= 6010; at += 10) {
    const pieces = await rejectedWith(`${'x '.repeat(at / 2)}${token} end\n${'y'.repeat(100)}`);
    expect(pieces.join('')).not.toContain(token.slice(4, 14));
    expect(pieces.join('')).not.toContain(token.slice(-10));
    expect(pieces.join('')).toContain('y'.repeat(100));
  }
});
