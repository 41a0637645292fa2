import { forgeFaultsContract } from './forge-faults.contract.ts';
import { giteaAt, peopleOf, startDouble } from './gitea-double.ts';

await forgeFaultsContract({
  name: 'gitea, over a double held to recorded exchanges',
  open: async ({ path }) => {
    const gitea = await startDouble(path);
    const at = (patience = {}) => giteaAt(gitea.cloneUrl, gitea.token('queue'), patience);
    return { forge: at(), hasty: at({ timeoutMs: 3_000 }), people: peopleOf(gitea) };
  },
});
