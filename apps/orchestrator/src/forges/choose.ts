/** Which adapter serves a repository: `repo.forge` names it. */

import type { Credentials } from '../platform/credentials.ts';
import { gitForge } from './git.ts';
import { giteaForge } from './gitea/gitea.ts';
import { githubForge } from './github/github.ts';
import { localForge } from './local.ts';
import type { Forge } from './port.ts';
import { unknownForge } from './unknown.ts';

/** What a repository says of its forge. */
export interface ForgeAddress {
  readonly forge: string;
  readonly url: string;
  /** Where the forge says that it is now; null or absent: at `url`. */
  readonly movedTo?: string | null;
  /** Name of its credential; null or absent: none. */
  readonly credential?: string | null;
}

/** What an adapter is opened with: values are looked up at each call, so that a changed one is used. */
export interface ForgeAccess extends ForgeAddress {
  readonly credentials: Credentials;
}

const ADAPTERS: ReadonlyMap<string, (access: ForgeAccess) => Forge> = new Map<string, (access: ForgeAccess) => Forge>([
  ['local', ({ url }) => localForge(url)],
  ['git', gitForge],
  ['gitea', (access) => giteaForge(access)],
  ['github', (access) => githubForge(access)],
]);

/** Never without an answer: a name that this version does not know gets a forge that says so at every call. */
export const forgeChooser =
  (credentials: Credentials): ((address: ForgeAddress) => Forge) =>
  (address) =>
    ADAPTERS.get(address.forge)?.({ ...address, url: address.movedTo ?? address.url, credentials }) ??
    unknownForge(address.forge);
