/** Finds the two commits a gate is asked about, in a repository of this machine or at an address. What looks for them is loaded by then. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMeantAsAddress } from '../../forges/address.ts';
import { usage } from '../answer.ts';
import { type LocatedAnswer, type LocateOptions, type LocateScene, nowhere } from './located.ts';

export async function locate(options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { repo } = options;
  const local = repo.startsWith('file:///') ? fileURLToPath(repo) : resolve(scene.terminal.cwd, repo);
  const isLocal = existsSync(local);
  if (!isLocal && !isMeantAsAddress(repo)) return nowhere(usage(`--repo ${repo}: there is no such directory`));
  const { wrongName } = await import('./choose-names.ts');
  const problem = wrongName([options.branch, options.base], { isLocal });
  if (problem !== null) return nowhere(usage(problem));
  if (isLocal) return (await import('./open-checkout.ts')).locateHere(local, options, scene);
  return (await import('./locate-remote.ts')).locateRemote(options, scene);
}
