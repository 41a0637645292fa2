import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agentRunnerWith } from '../src/agents/runner.ts';
import type { ScriptedAttempt } from '../src/agents/scripted/script.ts';
import { APPROVED, approve, at, KEY, NONCE, REPORTS } from './agent-scene.ts';
import { eachOfSome } from './tool-tests.ts';

describe('a report', () => {
  const PLANTED = { 'a.txt': 'a', [`${REPORTS}/12-review.md`]: APPROVED };

  test('is copied with the code it is about, and what lies beside it is not', async () => {
    const shell = `mkdir -p ${REPORTS}; for n in 17-security 18-coverage; do echo x > ${REPORTS}/$n-report.md; done`;
    const { report, order } = await at({ ...approve, shell }, { role: 'reviewer', branch: { 'a.txt': 'a' } });
    if (report.kind !== 'worked' || report.paper === null) throw new Error(JSON.stringify(report));
    const codeTree = await agentRunnerWith({}).codeTree({ git: order.git, commit: order.start, key: KEY });
    expect(report.paper).toMatchObject({ name: '12-review.md', codeTree });
    expect(readFileSync(report.paper.path, 'utf8')).toBe(`---\nverdict: APPROVED\nattempt: ${NONCE}\n---\n\nfine\n`);
    expect(existsSync(join(order.workspace.reportsDir, '17-security-report.md'))).toBe(false);
  });

  test.each([
    ['that was in the branch before', { say: 'nothing' }, /left no docs\/work-items\/K-1\/12-review\.md/],
    ['that git brought back', { shell: 'git checkout -- .' }, /byte for byte what was there before/],
  ])('%s is no report of this attempt', async (_title, attempt, why) => {
    const { report } = await at(attempt, { role: 'reviewer', branch: PLANTED });
    expect(report).toMatchObject({ kind: 'tool-failed', reason: expect.stringMatching(why) });
  });

  test('with the bytes of an earlier one counts when it names its attempt', async () => {
    const again = `---\nverdict: APPROVED\nattempt: ${NONCE}\n---\n\nfine\n`;
    const branch = { 'a.txt': 'a', [`${REPORTS}/12-review.md`]: again };
    expect((await at(approve, { role: 'reviewer', branch })).report).toMatchObject({ kind: 'worked' });
  });

  test.each(['0ddba11', '1', '"0ddba11"'])('that names the attempt %s is another one’s', async (name) => {
    const write = `printf -- '---\\nverdict: APPROVED\\nattempt: %s\\n---\\n\\nfine\\n' '${name}'`;
    const shell = `mkdir -p ${REPORTS}; ${write} > ${REPORTS}/12-review.md`;
    const { report } = await at({ shell }, { role: 'reviewer', branch: { 'a.txt': 'a' } });
    expect(report).toMatchObject({ kind: 'tool-failed', reason: expect.stringMatching(/names another attempt/) });
  });

  const FRONT = (lines: string): ScriptedAttempt => ({
    shell: `mkdir -p "\${GATEHOUSE_ARTEFACT%/*}"; { echo ---; ${lines}; echo ---; echo fine; } > "$GATEHOUSE_ARTEFACT"`,
  });
  const VERDICT = { reviewer: 'verdict: APPROVED', tester: 'result: PASS' };
  describe.each(['reviewer', 'tester'] as const)('of a %s', (role) => {
    const says = `echo ${JSON.stringify(VERDICT[role])}`;
    eachOfSome(
      [
        ['its commit', 'echo "commit: $GATEHOUSE_COMMIT"'],
        ['the beginning of its commit', 'printf "commit: \\"%.10s\\"\\n" "$GATEHOUSE_COMMIT"'],
        ['its attempt', 'echo "attempt: $GATEHOUSE_ATTEMPT"'],
        ['both', 'echo "attempt: $GATEHOUSE_ATTEMPT"; echo "commit: $GATEHOUSE_COMMIT"'],
      ],
      2,
    )('that names %s is believed', async (_title, names) => {
      const { report } = await at(FRONT(`${says}; ${names}`), { role, branch: { 'a.txt': 'a' } });
      expect(report).toMatchObject({ kind: 'worked', paper: { name: expect.any(String) } });
    });

    eachOfSome(
      [
        ['no commit', 'true', /names neither its attempt nor its commit.*`attempt: f00dbeef`.*`commit: [0-9a-f]{40}`/],
        ['another commit', 'echo "commit: $(git rev-parse HEAD~1)"', /names another commit than [0-9a-f]{40}/],
        [
          'another commit beside its attempt',
          `echo "attempt: ${NONCE}"; echo "commit: ${'1'.repeat(40)}"`,
          /another commit/,
        ],
        ['too little of its commit', 'printf "commit: \\"%.6s\\"\\n" "$GATEHOUSE_COMMIT"', /another commit/],
        ['a list of commits', 'echo "commit: [$GATEHOUSE_COMMIT]"', /another commit|cannot be read/],
        ['an empty commit', 'echo "commit:"; echo "attempt: $GATEHOUSE_ATTEMPT"', /another commit|cannot be read/],
      ],
      3,
    )('that names %s is not believed', async (_title, names, why) => {
      const { report } = await at(FRONT(`${says}; ${names}`), { role, branch: { 'a.txt': 'a' } });
      expect(report).toMatchObject({ kind: 'tool-failed', reason: expect.stringMatching(why) });
    });
  });

  eachOfSome(
    [
      ['a link', `ln -s /etc/hostname ${REPORTS}/12-review.md`, /is not taken: it is a link/],
      [
        'behind a link',
        `rm -rf ${REPORTS}; mkdir ../p-$$; echo x > ../p-$$/12-review.md; ln -s ../../../p-$$ ${REPORTS}`,
        /through a link/,
      ],
      ['a pipe', `mkfifo ${REPORTS}/12-review.md`, /no plain file/],
      ['more than it may be', `head -c 3000000 /dev/zero > ${REPORTS}/12-review.md`, /larger than/],
      [
        'cut off',
        `printf -- '---\\nverdict: APPR' > ${REPORTS}/12-review.md`,
        /cannot be read: the front is not closed/,
      ],
      ['silent', `printf -- '---\\nattempt: ${NONCE}\\n---\\n' > ${REPORTS}/12-review.md`, /verdict is missing/],
      ['not text', `printf '\\377\\376' > ${REPORTS}/12-review.md`, /not UTF-8/],
    ],
    2,
  )('that is %s is not taken', async (_title, line, why) => {
    const { report } = await at({ shell: `mkdir -p ${REPORTS}; ${line}` }, { role: 'reviewer' });
    expect(report).toMatchObject({ kind: 'tool-failed', reason: expect.stringMatching(why) });
  });

  test('of a reviewer who commits comes without the commit', async () => {
    const shell = 'echo more >> a.txt; git commit -q -a -m "while I am here"';
    const { report, order } = await at({ ...approve, shell }, { role: 'reviewer', branch: { 'a.txt': 'a' } });
    expect(report).toMatchObject({ kind: 'worked', commit: order.start });
  });
});
