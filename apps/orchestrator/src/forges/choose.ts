/** Which adapter serves a repository: `repo.forge` names it. */
import { localForge } from './local.ts';
import type { Forge } from './port.ts';
import { unknownForge } from './unknown.ts';

/** What a repository says of its forge. */
export interface ForgeAddress {
  readonly forge: string;
  readonly url: string;
}

const ADAPTERS: ReadonlyMap<string, (url: string) => Forge> = new Map([['local', localForge]]);

/** Never without an answer: a name that this version does not know gets a forge that says so at every call. */
export const chooseForge = ({ forge, url }: ForgeAddress): Forge => ADAPTERS.get(forge)?.(url) ?? unknownForge(forge);
