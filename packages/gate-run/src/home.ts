/**
 * What the commands of one run share besides the checkout: a HOME and a TMPDIR that no other run sees. Names say which
 * checkout they belong to, so that those of a killed process are found again. Pure; the disk is in adapters/private-home.ts.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** The directories of one run. */
export interface PrivateHome {
  readonly home: string;
  readonly temp: string;
}

/** A place for a directory with a random ending. */
export interface NamedPlace {
  readonly parent: string;
  readonly prefix: string;
}

/** Proc-group knows a HOME by this beginning, and keeps the homes of a run inside a run in it. */
const HOME = 'gatehouse-home-';
const OF_HOME = /^gatehouse-home-(.+)-[A-Za-z0-9]{6}$/;

/** Beside the checkout: caches are large, and that is where disk space is watched. */
export const homePlace = (dir: string): NamedPlace => ({ parent: dirname(dir), prefix: `${HOME}${basename(dir)}-` });

/** In the system's directory, because the path of a socket in it may have at most 107 bytes. */
export const tempPlace = (dir: string, system: string): NamedPlace => ({
  parent: system,
  prefix: `gatehouse-tmp-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}-`,
});

/** The checkout beside which an entry of that name is a HOME; null for any other entry. */
export const checkoutOfHome = (name: string): string | null => OF_HOME.exec(name)?.[1] ?? null;

/** Which of the names in a place are of this checkout. */
export const namesOf = ({ parent, prefix }: NamedPlace, names: readonly string[]): readonly string[] =>
  names
    .filter((name) => name.startsWith(prefix) && /^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length)))
    .map((name) => join(parent, name));

/** What a policy sets wins. XDG directories and the caches of package managers follow HOME by themselves. */
export const homeVariables = (
  { home, temp }: PrivateHome,
  set: Readonly<Record<string, string>>,
): Record<string, string> => ({ HOME: home, TMPDIR: temp, ...set });
