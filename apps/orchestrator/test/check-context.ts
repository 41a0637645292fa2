/** The context of a check, built on a real repository as the service and the command line build it. */
import { join } from 'node:path';
import { fileLease } from '@gatehouse/merge-gate';
import { advisoryFeedFrom } from '../src/checks/advisory-feed.ts';
import type { CheckContext } from '../src/checks/port.ts';
import { forgeChooser } from '../src/forges/choose.ts';
import type { Environment } from '../src/platform/process-environment.ts';
import { loadPolicy } from '../src/policy/load-policy.ts';
import { mirrorsIn } from '../src/workspace/mirrors.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { type Forge, scratchFolder } from './scratch-forge.ts';

export interface Asking {
  readonly env?: Environment;
  /** Path of the operator's file. */
  readonly operatorFile?: string;
  readonly repo?: string;
}

export async function contextFor(forge: Forge, branch: string, asking: Asking = {}): Promise<CheckContext> {
  const { env = {}, operatorFile = '', repo = 'app' } = asking;
  const folder = scratchFolder();
  const settings = settingsFrom(env);
  const mirror = await mirrorsIn(folder, forgeChooser(new Map())).refresh({
    id: repo,
    url: forge.path,
    forge: 'local',
    main: 'main',
  });
  if (mirror.kind !== 'fresh') throw new Error(mirror.reason);
  const base = forge.head('main');
  const loaded = await loadPolicy({ git: mirror.git, base, operatorFile, settings });
  if (loaded.kind !== 'policy') throw new Error(JSON.stringify(loaded));
  return {
    subject: { repo, holder: 'test', branch, main: 'main', base, head: forge.head(branch) },
    git: mirror.git,
    policy: loaded.policy,
    settings,
    workspace: { slotDir: join(folder, 'slot'), reportsDir: folder, logDir: folder },
    ports: {
      lease: fileLease(join(folder, 'leases')),
      results: { lookup: async () => 'none', record: async () => {} },
      baseline: () => ({ read: async () => null, compareAndSet: async () => false }),
      feed: advisoryFeedFrom(settings),
      record: async () => {},
    },
    signal: new AbortController().signal,
  };
}
