/** What this machine can do, for a health page and for callers that want to refuse early. */
import { type Ability, cookieAbility, kernelAbility, namespaceAbility } from './machine.ts';
import type { Level } from './verdict.ts';

/** One level on this machine. */
export interface LevelDetail {
  /** The level that was tried. */
  readonly level: Level;
  /** Whether a run may ask for it here. */
  readonly usable: boolean;
  /** One line: what was tried and what came of it. */
  readonly reason: string;
}

/** What this machine can hold a run with. */
export interface ContainmentLevel {
  readonly kind: 'detected';
  /** What a run with `containment: 'best'` reaches. */
  readonly level: Level;
  /** All five levels, strongest first. */
  readonly details: readonly LevelDetail[];
}

/** Tries every level once per process, in a few short-lived children; later calls answer from memory. */
export async function containmentLevel(): Promise<ContainmentLevel> {
  const cookie = await cookieAbility();
  const kernel = await kernelAbility();
  const posix = process.platform !== 'win32';
  const details: readonly LevelDetail[] = [
    detail('kernel', cookie.usable ? kernel : cookie),
    detail('namespace', cookie.usable ? await namespaceAbility() : cookie),
    detail('cookie', cookie),
    { level: 'group', usable: posix, reason: posix ? 'POSIX has process groups' : 'Windows has no process groups' },
    { level: 'plain', usable: true, reason: 'always there' },
  ];
  const best = details.find(({ level, usable }) => usable && level !== 'namespace');
  return { kind: 'detected', level: best?.level ?? 'plain', details };
}

const detail = (level: Level, { usable, reason }: Ability<unknown>): LevelDetail => ({ level, usable, reason });
