/**
 * Where the programs of a directory of programs really lie. `pipx`, `uv`, `npm` and version managers keep them elsewhere and link to
 * them: in a world that shows the link alone the next program of that name on PATH would be run in its place.
 */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isShown } from '../isolation.ts';
import { codeOf } from './system-error.ts';

/** Links looked at in all; a directory of `node_modules` has hundreds. */
const MOST_LINKS = 4000;
/** A program leads to its interpreter, and that to the one that it was made from. */
const MOST_STEPS = 3;

/** Places that have to be shown besides `tools` for what is linked there to be found; absolute, without links. */
export function linkedPrograms(tools: readonly string[]): readonly string[] {
  const found = new Set<string>();
  let open: readonly string[] = tools;
  for (let step = 0, left = MOST_LINKS; step < MOST_STEPS && open.length > 0; step += 1) {
    const next = new Set<string>();
    for (const link of open.flatMap(linksIn).slice(0, left)) {
      left -= 1;
      const real = realOf(link);
      if (real === null || isShown(real, [...tools, ...found, ...next])) continue;
      next.add(placeOfProgram(real));
    }
    for (const place of next) found.add(place);
    open = [...next];
  }
  return [...found];
}

/** Of a place of tools: those in it, and in its directory of programs. */
const linksIn = (place: string): readonly string[] =>
  [place, join(place, 'bin'), join(place, '.bin')].flatMap((dir) =>
    entriesOf(dir)
      .filter((entry) => entry.isSymbolicLink())
      .map(({ name }) => join(dir, name)),
  );

/** What a program needs beside it: the modules it is one of, the tree of its `bin`; else it stands for itself. */
function placeOfProgram(real: string): string {
  const modules = real.indexOf('/node_modules/');
  if (modules > 0) return real.slice(0, modules + '/node_modules'.length);
  const dir = dirname(real);
  const around = dirname(dir);
  const isPrivate = around === '/' || around === homedir() || ['.local', '.cargo'].includes(basename(around));
  return basename(dir) === 'bin' && !isPrivate ? around : real;
}

/** Null: it leads to no file that we get to; a directory is no program. */
function realOf(link: string): string | null {
  try {
    const real = realpathSync(link);
    return statSync(real).isFile() ? real : null;
  } catch (error) {
    if (codeOf(error)?.startsWith('E') === true) return null;
    throw error;
  }
}

function entriesOf(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error)?.startsWith('E') === true) return [];
    throw error;
  }
}
