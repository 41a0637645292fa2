import { join } from 'node:path';
import { gitForge } from '../src/forges/git.ts';
import { forgeContract } from './forge.contract.ts';
import { scratchFolder } from './scratch-forge.ts';

const over = (url: string) => gitForge({ forge: 'git', url, credentials: new Map() });

forgeContract({
  name: 'git, over a path of this machine',
  open: async ({ path }) => over(path),
  unreachable: async () => over(join(scratchFolder(), 'nowhere.git')),
  isForPeople: false,
});
