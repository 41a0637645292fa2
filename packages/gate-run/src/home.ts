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
  /** Where version managers keep toolchains that they would otherwise look for in HOME; variables by name. */
  readonly toolchains: Readonly<Record<string, string>>;
}

/** Where a setup installs programs for one user. Last on PATH: what lies there shadows nothing that the host provides. */
const BINARIES = ['.local/bin', '.cargo/bin', 'go/bin'];

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

interface Environment {
  readonly allow?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
}

/** What a policy sets wins, and so does a toolchain that it names. XDG directories and the caches of package managers follow HOME by themselves. */
export const homeVariables = (
  { home, temp, toolchains }: PrivateHome,
  { allow = [], set = {} }: Environment,
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(toolchains).filter(([name]) => !allow.includes(name))),
  HOME: home,
  TMPDIR: temp,
  // In a new HOME npm would ask the registry for a newer npm in every run, and print what it hears into the log of the tests.
  npm_config_update_notifier: 'false',
  ...set,
});

/** Where the run's setup may have installed programs for its user. */
export const binaryPlaces = ({ home }: PrivateHome, { set = {} }: Environment): readonly string[] =>
  BINARIES.map((place) => join(set['HOME'] ?? home, place));
