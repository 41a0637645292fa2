/** The small project whose branches land while the service is killed, and the branches with the ends they must reach. */

const CHECK = [
  '# Long enough that a kill often comes in the middle.',
  'sleep 0.4',
  'if [ -e broken ]; then echo "not ok 1 - the file broken is there"; exit 1; fi',
  'echo "ok 1 - nothing is broken"',
  'echo "1..1"',
  '',
].join('\n');
const COVER = 'mkdir -p coverage\nprintf "SF:check.sh\\nDA:1,1\\nDA:2,1\\nend_of_record\\n" > coverage/lcov.info\n';

export const FIRST = {
  message: 'a project',
  files: { 'README.md': 'a project\n', 'check.sh': CHECK, 'cover.sh': COVER },
};
export const SECOND = { message: 'reword', files: { 'README.md': 'a small project\n' } };

export const POLICY = [
  'version: 1',
  'test: { command: sh check.sh, timeout: 15s, min_tests: 1 }',
  'coverage: { command: sh cover.sh, report: coverage/lcov.info, mode: baseline, timeout: 30s }',
  '',
].join('\n');

/** Orphans of the hanging branch carry `marker` on their command line; each ends by itself after ten minutes. */
const hang = (marker) =>
  [
    `setsid sh -c 'sleep 600; : ${marker}' >/dev/null 2>&1 &`,
    `(trap "" TERM; sh -c 'sleep 600; : ${marker}') &`,
    'sleep 600',
    '',
  ].join('\n');

/** `end`: where the task must arrive when it is not stopped. Subjects are unique, so a doubled landing is seen in main. */
export function branchesOf(marker) {
  const one = (name, { end, from }, files) => ({
    name,
    end,
    branch: `feature/${name}`,
    from,
    commits: [{ message: `work of ${name}`, files }],
  });
  return [
    one('good-1', { end: 'landed', from: 'second' }, { 'good-1.txt': '1\n' }),
    one('hang', { end: 'attempts spent', from: 'second' }, { 'check.sh': hang(marker) }),
    one('behind', { end: 'landed', from: 'first' }, { 'behind.txt': '1\n' }),
    one('red', { end: 'removed', from: 'second' }, { broken: '' }),
    one('good-2', { end: 'landed', from: 'second' }, { 'good-2.txt': '2\n' }),
    one('good-3', { end: 'landed', from: 'second' }, { 'good-3.txt': '3\n' }),
    one('good-4', { end: 'landed', from: 'first' }, { 'good-4.txt': '4\n' }),
  ];
}
