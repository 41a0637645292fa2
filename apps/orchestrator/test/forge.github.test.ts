/** The forge contract over a double of GitHub, which is judged by GitHub's published API description and is not GitHub. */
import { forgeContract } from './forge.contract.ts';
import { forgePeopleContract } from './forge-people.contract.ts';
import { forgeAt, peopleOf, startGithub } from './github-double.ts';

const name = "github, over a double judged by GitHub's published description";

forgeContract({
  name,
  open: async ({ path }) => {
    const github = await startGithub(path);
    return forgeAt(github.url, github.double.tokenOf('queue'));
  },
  unreachable: async () => forgeAt('http://127.0.0.1:9/octo/app.git', 'nothing'),
  isForPeople: true,
});

forgePeopleContract({
  name,
  open: async ({ path }) => {
    const github = await startGithub(path);
    return { forge: forgeAt(github.url, github.double.tokenOf('queue')), people: peopleOf(github) };
  },
});
