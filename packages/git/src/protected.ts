/**
 * Names that no push and no import can move. `main` of each mirror is among them from the moment the mirror is opened.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './adapters/disk.ts';
import { LANDING_NAMES } from './adapters/main-ref.ts';
import type { GitRepo } from './outcome.ts';

const ALWAYS = ['main', 'master'];

/** Remembers a landing branch of a mirror for good; names are only ever added. */
export async function protectName(repo: GitRepo, name: string): Promise<void> {
  const known = await readText(join(repo.gitDir, LANDING_NAMES));
  if (!(known ?? '').split('\n').includes(name)) await appendFile(join(repo.gitDir, LANDING_NAMES), `${name}\n`);
}

/** Whether a short name is protected, in any spelling: some remotes ignore case, composition and characters without width. */
export async function isProtected(repo: GitRepo, name: string, further: readonly string[] = []): Promise<boolean> {
  const recorded = (await readText(join(repo.gitDir, LANDING_NAMES))) ?? '';
  const names = [...ALWAYS, ...recorded.split('\n'), ...further].map(folded);
  return names.includes(folded(name));
}

const folded = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase();
