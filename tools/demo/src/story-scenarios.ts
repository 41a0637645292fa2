/**
 * Six more tasks beside those of the demo: two that rewrite one line at the same time, a tester that lies, an agent that hangs, one that
 * never pleases its reviewer, and one that waits for a task that a person stops. Each must end as it says, whoever works when.
 */
import type { FullProfileScenario, Roles } from './full-profile-scenarios.ts';
import { module, report, USUAL } from './full-profile-scenarios.ts';
import { testFile } from './test-file.ts';

const SECOND = 'an unreadable amount is left out.';

/** `meetAt` is a folder in which both say that they have begun: neither goes on before the other stands on the same main. */
export function storyScenarios(meetAt: string): readonly FullProfileScenario[] {
  return [
    rival({ key: 'P-7', other: 'P-8', words: 'an unreadable amount is skipped.' }, meetAt),
    rival({ key: 'P-8', other: 'P-7', words: 'an unreadable amount is passed over.' }, meetAt),
    {
      name: 'a tester lies',
      key: 'P-9',
      title: 'Double an amount',
      description: 'A function double(text) in cents.',
      roles: {
        ...USUAL,
        developer: [
          { write: double('2 +'), commit: 'ledger: double' },
          {
            expects: ['check_branch_mergeable', 'doubles an amount'],
            write: double('2 *'),
            commit: 'ledger: double by multiplying',
          },
        ],
      },
      expected: { end: 'landed', sentBack: { by: 'check_branch_mergeable', told: 'doubles an amount' } },
    },
    {
      name: 'hangs',
      key: 'P-10',
      title: 'Wait for ever',
      description: 'Its architect never answers.',
      roles: { ...USUAL, architect: [{ hang: true }] },
      expected: { end: 'blocked', stage: 'architecture', reason: /deadline/ },
    },
    {
      name: 'never pleases its reviewer',
      key: 'P-11',
      title: 'Triple an amount',
      description: 'A function triple(text) in cents.',
      roles: {
        ...USUAL,
        developer: [
          { write: triple(''), commit: 'ledger: triple' },
          { append: { 'src/triple.mjs': '// again\n' }, shell: 'git add src', commit: 'ledger: triple again' },
        ],
        reviewer: [report({ verdict: 'REJECTED' }, 'this is not wanted here')],
      },
      expected: { end: 'blocked', stage: 'review', reason: /retries spent.*not wanted|REJECTED/s },
    },
    {
      name: 'waits for one that is stopped',
      key: 'P-12',
      title: 'Halve an amount',
      description: 'Was meant to build on P-6, and does not need it.',
      after: 'P-6',
      roles: {
        ...USUAL,
        developer: [
          {
            write: module(
              'halve',
              "import { toCents } from './money.mjs';\n\nexport const halve = (text) => (toCents(text) ?? 0) / 2;\n",
              testFile(
                'halves an amount',
                "import { halve } from '../src/halve.mjs';",
                "  assert.equal(halve('2'), 100);",
              ),
            ),
            commit: 'ledger: halve',
          },
        ],
      },
      expected: { end: 'landed' },
    },
  ];
}

interface Rival {
  readonly key: string;
  readonly other: string;
  readonly words: string;
}

/** Of two that rewrite one line the second to land meets a conflict, and takes its commit onto the main of its brief. */
function rival({ key, other, words }: Rival, meetAt: string): FullProfileScenario {
  const begun = `touch "${meetAt}/${key}"; while ! test -e "${meetAt}/${other}"; do sleep 0.2; done`;
  const edit = `sed -i.old 's/${SECOND}/${words}/' src/ledger.mjs && rm src/ledger.mjs.old && git add src`;
  const main = `$(sed -n 's/.*git rebase \\([0-9a-f]\\{40\\}\\).*/\\1/p' "$GATEHOUSE_PROMPT" | head -n 1)`;
  const developer: Roles['developer'] = [
    { shell: `${begun}; ${edit} && git commit --quiet --message '${key}: reword'` },
    { expects: ['check_branch_mergeable', 'conflict'], shell: `git rebase --quiet --strategy-option=theirs ${main}` },
  ];
  return {
    name: `rewords what ${other} rewords`,
    key,
    title: 'Say what becomes of an unreadable amount',
    description: 'The first line of balance() in other words.',
    roles: { ...USUAL, developer },
    expected: { end: 'landed', rival: other },
  };
}

const double = (formula: string) =>
  module(
    'double',
    `import { toCents } from './money.mjs';\n\nexport const double = (text) => ${formula} (toCents(text) ?? 0);\n`,
    testFile('doubles an amount', "import { double } from '../src/double.mjs';", "  assert.equal(double('3'), 600);"),
  );

const triple = (more: string) =>
  module(
    'triple',
    `import { toCents } from './money.mjs';\n\nexport const triple = (text) => 3 * (toCents(text) ?? 0);\n${more}`,
    testFile('triples an amount', "import { triple } from '../src/triple.mjs';", "  assert.equal(triple('1'), 300);"),
  );
