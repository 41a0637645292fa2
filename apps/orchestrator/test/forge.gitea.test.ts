/** The forge contract over a double of Gitea, which is held to recorded exchanges and is not Gitea. */
import { forgeContract } from './forge.contract.ts';
import { forgePeopleContract } from './forge-people.contract.ts';
import { giteaAt, peopleOf, startDouble } from './gitea-double.ts';

forgeContract({
  name: 'gitea, over a double held to recorded exchanges',
  open: async ({ path }) => {
    const gitea = await startDouble(path);
    return giteaAt(gitea.cloneUrl, gitea.token('queue'));
  },
  unreachable: async () => giteaAt('http://127.0.0.1:9/org/app.git', 'nothing'),
  isForPeople: true,
});

forgePeopleContract({
  name: 'gitea, over a double held to recorded exchanges',
  open: async ({ path }) => {
    const gitea = await startDouble(path);
    return { forge: giteaAt(gitea.cloneUrl, gitea.token('queue')), people: peopleOf(gitea) };
  },
});
