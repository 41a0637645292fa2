/** The two commits in a repository at an address, which is fetched into a private mirror. Loaded for an address alone. */

import { fetchHeads } from '../../forges/git-remote.ts';
import { judgeRegistration } from '../../forges/registration.ts';
import { remoteOf } from '../../forges/remote-of.ts';
import { mirrorsIn } from '../../workspace/mirrors.ts';
import { failure, usage } from '../answer.ts';
import { usableSettings } from '../session.ts';
import { DEFAULT_BASE } from './choose-names.ts';
import { type LocatedAnswer, type LocateOptions, type LocateScene, nowhere, shell } from './located.ts';
import { describeUnknown } from './missing-history.ts';

export async function locateRemote(options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { repo: url, credential, mainAlone = false } = options;
  const wished = options.base ?? DEFAULT_BASE;
  const { directory, terminal } = scene;
  if (options.branch === undefined && !mainAlone)
    return nowhere(usage('an address has nothing checked out; pass --branch'));
  const asked = await usableSettings();
  if (asked.kind === 'unusable') return nowhere(asked.answer);
  const { settings } = asked;
  const judged = judgeRegistration({ url, credential }, settings);
  if (judged.kind === 'refused') return nowhere(usage(`--repo: ${judged.reason}; ${judged.next}`));
  terminal.progress?.step({ what: `fetching ${url}` });
  const remote = remoteOf({ ...judged, credentials: settings.credentials });
  const mirrors = mirrorsIn(directory, () => ({ fetch: (request) => fetchHeads(remote, request) }));
  const mirror = await mirrors.refresh({ id: 'shell', ...judged, main: wished }, terminal.signal);
  // Ctrl-C leaves a fetch behind, which would go on in a directory that is being removed.
  await mirrors.close();
  if (mirror.kind !== 'fresh') return nowhere(failure(`${url} cannot be read: ${mirror.reason}`));
  const isOlder = options.base === undefined && mirror.heads[wished] === undefined && 'master' in mirror.heads;
  const main = isOlder ? 'master' : wished;
  const branch = options.branch ?? main;
  const base = mirror.heads[main];
  const head = mirror.heads[branch];
  const known = Object.keys(mirror.heads).filter((one) => one !== main && one !== branch);
  if (base === undefined)
    return nowhere(usage(describeUnknown(url, main, { known, next: 'pass another with --base' })));
  if (head === undefined) return nowhere(usage(describeUnknown(url, branch, { known, next: 'push it first' })));
  // Only now: the scanner takes long to load.
  const { maskWords } = await import('../../platform/mask-words.ts');
  const view = {
    branch: { name: await maskWords(branch), sha: head, from: '--branch' },
    base: { name: main, sha: base, from: options.base === undefined ? 'default' : '--base' },
    ci: null,
    fetched: true,
  };
  return { kind: 'located', git: mirror.git, subject: { ...shell(), branch, main, base, head }, view };
}
