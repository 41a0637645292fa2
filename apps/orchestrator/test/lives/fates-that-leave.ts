/** Pull requests that leave the queue, or never enter it, and what their people read then. */
import { expect } from '@jest/globals';
import type { Fate } from './fates.ts';

export const LEAVING: readonly Fate[] = [
  {
    name: 'it is red: removed with what the tests said',
    async play(life) {
      const number = await life.labelled('red', { 'red.txt': 'red\n', broken: '' });
      expect(await life.told(number, 'removed from the queue')).toContain('the file broken is there');
      await life.ends(number, 'red', 'open');
    },
  },
  {
    name: 'it conflicts with main: removed with the files',
    async play(life) {
      await life.push('conflict', { 'README.md': 'theirs\n' });
      await life.push('main', { 'README.md': 'a project with a word more\n' });
      const number = await life.side.people.open({ by: 'dev', branch: 'conflict', title: 'The change conflict' });
      await life.side.people.label(number, 'gatehouse');
      expect(await life.told(number, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`check_branch_mergeable: the branch conflicts with main in 1 path\`. Push a mended commit: with the label on it is queued at once, without it comment \`/gatehouse queue\`.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` fail at COMMIT: \`the branch conflicts with main in 1 path\`

Findings of \`check_branch_mergeable\`:

\`\`\`text
conflict: resolve the conflict with main in README.md
\`\`\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      await life.ends(number, 'conflict', 'open');
    },
  },
  {
    name: 'a writer stops it by a comment while it is tested',
    inTests: true,
    async play(life) {
      const number = await life.held('stopped');
      await life.write(number, 'dev2', '/gatehouse stop');
      expect(await life.told(number, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`dev2 asked for it\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      expect(await life.status(life.forge.head('stopped'))).toMatchInlineSnapshot(
        `"error: removed: dev2 asked for it"`,
      );
      life.goOn('stopped');
      await life.ends(number, 'stopped', 'open');
    },
  },
  {
    name: 'the label is taken off while it is tested',
    async play(life) {
      const number = await life.held('unlabelled');
      await life.side.unlabel(number);
      expect(await life.told(number, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`the label gatehouse is gone\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      life.goOn('unlabelled');
      await life.ends(number, 'unlabelled', 'open');
    },
  },
  {
    name: 'it is retargeted while it is tested',
    async play(life) {
      life.branches.add('release');
      await life.push('release', { 'release.txt': 'release\n' });
      const number = await life.held('retargeted');
      await life.side.retarget(number, 'release');
      expect(await life.told(number, 'removed from the queue')).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`it is to land on release, and only main is landed on here\`. \`/gatehouse queue\` queues it again.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      life.goOn('retargeted');
      await life.ends(number, 'retargeted', 'open');
    },
  },
  {
    name: 'it is closed while it is tested, and stays closed',
    async play(life) {
      const number = await life.held('closed');
      await life.side.people.close(number);
      await life.told(number, 'removed from the queue');
      life.goOn('closed');
      await life.ends(number, 'closed', 'closed');
      life.branches.add('closed');
    },
  },
  {
    name: 'its branch is deleted by hand while it is tested',
    inTests: true,
    async play(life) {
      const number = await life.held('deleted');
      life.forge.deleteBranch('deleted');
      await life.side.notice();
      // Whichever is seen first: what the forge makes of it, or the branch.
      const comment = await life.told(number, 'removed from the queue');
      expect(comment).toMatch(
        /: `(its branch is gone|the pull request is closed)`\. `\/gatehouse queue` queues it again/,
      );
      life.goOn('deleted');
      await life.ends(number, 'deleted', 'closed');
    },
  },
  {
    name: 'somebody who may not write asks for it: refused in words',
    async play(life) {
      const number = await life.pullRequest('asked-by-a-guest');
      await life.write(number, 'guest', '/gatehouse queue');
      expect(await life.told(number, 'may not write')).toMatchInlineSnapshot(
        `"**Gatehouse**: \`queue\` was not done for \`guest\`, who may not write to this repository."`,
      );
      await life.ends(number, 'asked-by-a-guest', 'open');
    },
  },
  {
    name: 'a draft is refused in words',
    async play(life) {
      const number = await life.pullRequest('draft');
      await life.side.people.retitle(number, 'WIP: the change draft');
      await life.write(number, 'dev', '/gatehouse queue');
      expect(await life.told(number, 'it is a draft')).toMatchInlineSnapshot(
        `"**Gatehouse**: It cannot be queued: \`it is a draft\`."`,
      );
      await life.ends(number, 'draft', 'open');
    },
  },
  {
    name: 'what it changes is in main already',
    async play(life) {
      await life.push('nothing', { 'nothing.txt': 'nothing\n' });
      await life.push('main', { 'nothing.txt': 'nothing\n' });
      const number = await life.side.people.open({ by: 'dev', branch: 'nothing', title: 'The change nothing' });
      await life.side.people.label(number, 'gatehouse');
      expect(await life.told(number, 'nothing to land')).toMatchInlineSnapshot(`
"**Gatehouse**: nothing to land: \`its commit is on main already\`. The pull request can be closed.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
      await life.ends(number, 'nothing', 'open');
    },
  },
  {
    name: 'a required check is red: others go past it, and it lands once the check was run again',
    async play(life) {
      const { people } = life.side;
      await people.require(['ci']);
      const number = await life.labelled('check-red');
      await life.told(number, 'ci was not reported yet');
      await people.report(life.forge.head('check-red'), 'ci', 'failure');
      expect(await life.told(number, 'run the check again')).toMatch(
        /: waiting: `(ci ended as failure|GitHub requires ci: failure); run the check again, or push a mended commit`\./,
      );
      const other = await life.labelled('goes-past');
      await life.checked(other, 'goes-past');
      await life.checked(number, 'check-red');
      life.side.requireNothing();
    },
  },
];
