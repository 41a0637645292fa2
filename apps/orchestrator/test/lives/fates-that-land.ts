/** Pull requests that land, and what their people read then. */
import { expect } from '@jest/globals';
import { until } from '../live-gatehouse.ts';
import type { Fate } from './fates.ts';

export const LANDING: readonly Fate[] = [
  {
    name: 'a label queues it; it lands, is shown as merged, and its branch is deleted',
    inTests: true,
    async play(life) {
      await life.push('by-label', { 'by-label.txt': 'by-label\n' });
      await life.push('main', { 'meanwhile.txt': 'meanwhile\n' });
      const number = await life.side.people.open({ by: 'dev', branch: 'by-label', title: 'The change by-label' });
      await life.side.people.label(number, 'gatehouse');
      expect(await life.landed(number, 'by-label')).toMatchInlineSnapshot(`
"**Gatehouse**: landed on \`main\` as COMMIT

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` pass at COMMIT: \`green on top of COMMIT: tests passed at the first try; how many ran is not known\`
- \`check_coverage_gate\` pass at COMMIT: \`coverage holds: 100.00 % (2/2) of the lines, no baseline yet\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      expect(await life.status(life.forge.head('main'))).toMatchInlineSnapshot(`"success: landed as COMMIT"`);
    },
  },
  {
    name: 'a writer queues it by a comment, for the commit that was looked at',
    async play(life) {
      const number = await life.pullRequest('by-comment');
      await life.write(number, 'dev2', `looks good\n\n/gatehouse queue ${life.forge.head('by-comment').slice(0, 12)}`);
      expect(await life.landed(number, 'by-comment')).toContain('**Gatehouse**: landed on');
    },
  },
  {
    name: 'an approval queues it',
    async play(life) {
      const number = await life.pullRequest('by-approval');
      await life.side.people.approve(number, 'dev2');
      expect(await life.landed(number, 'by-approval')).toContain('**Gatehouse**: landed on');
    },
  },
  {
    name: 'main gets a hotfix while it is tested: it is tested again on top of that',
    async play(life) {
      const number = await life.held('overtaken');
      const hotfix = await life.push('main', { 'hotfix.txt': 'now\n' }, 'main');
      life.goOn('overtaken');
      await life.landed(number, 'overtaken');
      const parents = life.forge.git('rev-list', 'main').split('\n');
      expect(parents).toContain(hotfix);
    },
  },
  {
    name: 'a force-push replaces the commit while it is tested: the new one lands, and the old one never does',
    async play(life) {
      const number = await life.held('replaced', { 'replaced.txt': 'the first\n' });
      await life.push('replaced', { 'replaced.txt': 'the second\n' }, 'main');
      const comments = await life.landed(number, 'replaced');
      expect(life.forge.git('show', 'main:replaced.txt')).toBe('the second');
      expect(comments).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`a push replaced the commit that was asked for\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>

=====

**Gatehouse**: landed on \`main\` as COMMIT

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` pass at COMMIT: \`green on top of COMMIT: tests passed at the first try; how many ran is not known\`
- \`check_coverage_gate\` pass at COMMIT: \`coverage holds: 100.00 % (2/2) of the lines; 0 uncovered <= 0.002 allowed (0 + 0/2 × 0 + 1000 ppm × 2) and 0 <= 0 on base\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
    },
  },
  {
    name: 'it is taken back to a draft while it is tested, and queued again once it is ready',
    async play(life) {
      const { people } = life.side;
      const number = await life.held('not-yet');
      await people.retitle(number, 'WIP: not yet');
      expect(await life.told(number, 'it is a draft')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`it is a draft\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      life.goOn('not-yet');
      await people.retitle(number, 'The change not-yet');
      await life.landed(number, 'not-yet');
    },
  },
  {
    name: 'it is closed while it is tested, and queued again when it is reopened',
    async play(life) {
      const number = await life.held('reopened');
      await life.side.people.close(number);
      expect(await life.told(number, 'the pull request is closed')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`the pull request is closed\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      life.goOn('reopened');
      await life.side.reopen(number);
      await life.landed(number, 'reopened');
    },
  },
  {
    name: 'a required check is pending: it is waited for, and lands once the check is green',
    inTests: true,
    async play(life) {
      const { people } = life.side;
      await people.require(['ci']);
      const number = await life.labelled('checked');
      expect(await life.told(number, 'ci was')).toMatchInlineSnapshot(`
"**Gatehouse**: queued: \`waits for required checks of the forge: ci was not reported yet\`. Position 1 of 1, expected wait about a minute.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` pass at COMMIT: \`green on top of COMMIT: tests passed at the first try; how many ran is not known\`
- \`check_coverage_gate\` pass at COMMIT: \`coverage holds: 100.00 % (2/2) of the lines; 0 uncovered <= 0.002 allowed (0 + 0/2 × 0 + 1000 ppm × 2) and 0 <= 0 on base\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      const tested = life.forge.head('checked');
      await people.report(tested, 'ci', 'pending');
      await people.report(tested, 'ci', 'success');
      await life.landed(number, 'checked');
      expect(await life.read(number)).toHaveLength(1);
      expect(life.forge.head('main')).toBe(tested);
      life.side.requireNothing();
    },
  },
  {
    name: 'a red one is mended by a push, and queued again by the label that is still on',
    inTests: true,
    async play(life) {
      const number = await life.labelled('mended', { 'mended.txt': 'mended\n', broken: '' });
      expect(await life.told(number, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`check_branch_mergeable: red twice with the branch, green without it; an innocent branch shows this with a probability of at most 0.098 % (10 whole runs)\`. Push a mended commit: with the label on it is queued at once, without it comment \`/gatehouse queue\`.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` fail at COMMIT: \`red twice with the branch, green without it; an innocent branch shows this with a probability of at most 0.098 % (10 whole runs)\`

Findings of \`check_branch_mergeable\`:

\`\`\`text
red-run: \`sh check.sh\` fails on the branch on top of main, twice; main alone passes

the file broken is there
\`\`\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      expect(await life.status(life.forge.head('mended'))).toMatchInlineSnapshot(
        `"failure: removed: check_branch_mergeable: red twice with the branch, green without it; an innocent branch shows this with a probability of at most…"`,
      );
      await life.push('mended', { broken: null, 'mended.txt': 'mended\n' }, 'main');
      await life.landed(number, 'mended');
    },
  },
  {
    name: 'of two that conflict with each other the first one lands, and the other is removed with the files',
    async play(life) {
      const first = await life.held('first-of-two', { 'both.txt': 'the first\n' });
      const second = await life.labelled('second-of-two', { 'both.txt': 'the second\n' });
      await until('the second waits', async () =>
        (await life.read(second)).some((text) => /position 2 of 2/i.test(text)),
      );
      life.goOn('first-of-two');
      await life.landed(first, 'first-of-two');
      expect(await life.told(second, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`check_branch_mergeable: the branch conflicts with main in 1 path\`. Push a mended commit: with the label on it is queued at once, without it comment \`/gatehouse queue\`.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` fail at COMMIT: \`the branch conflicts with main in 1 path\`

Findings of \`check_branch_mergeable\`:

\`\`\`text
conflict: resolve the conflict with main in both.txt
\`\`\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      await life.ends(second, 'second-of-two', 'open');
    },
  },
  {
    name: 'a person merges it while it is tested: it leaves the queue, and is in main once',
    async play(life) {
      const number = await life.held('by-hand');
      await life.side.mergeByHand(number);
      await life.ends(number, 'by-hand', 'merged');
      expect(await life.told(number, 'not needed any more')).toMatchInlineSnapshot(`
"**Gatehouse**: not needed any more: \`pull request #12 was merged at COMMIT\`

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      life.branches.add('by-hand');
      life.goOn('by-hand');
    },
  },
];
