import { join } from 'node:path';
import { localForge } from '../src/forges/local.ts';
import { forgeContract } from './forge.contract.ts';
import { scratchFolder } from './scratch-forge.ts';

forgeContract({
  name: 'local, over a bare repository on this machine',
  open: async ({ path }) => localForge(path),
  unreachable: async () => localForge(join(scratchFolder(), 'nowhere.git')),
  isForPeople: false,
});
