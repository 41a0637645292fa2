import { type Gitea, startGitea } from '@gatehouse/doubles';
import { afterEach } from '@jest/globals';
import { giteaForge } from '../src/forges/gitea/gitea.ts';
import { forgeContract } from './forge.contract.ts';

const started: Gitea[] = [];
afterEach(async () => {
  for (const gitea of started.splice(0)) await gitea.close();
});

const over = (url: string, token: string) =>
  giteaForge(
    { forge: 'gitea', url, credential: 'gitea', credentials: new Map([['gitea', { token, sshKey: '', webhookSecret: '' }]]) },
    [0, 0, 0],
  );

forgeContract({
  name: 'gitea, over a double held to recorded exchanges',
  open: async ({ path }) => {
    const gitea = await startGitea({ path });
    started.push(gitea);
    return over(gitea.cloneUrl, gitea.token('queue'));
  },
  unreachable: async () => over('http://127.0.0.1:9/org/app.git', 'nothing'),
  isForPeople: true,
});
