/** Reads the words of `gatehouse run` without the command line's parser, which costs more than the run. */
import type { RunOptions } from './run-command.ts';

export interface RunWords {
  readonly options: RunOptions;
  readonly command: readonly string[];
}

export const RUN_DEFAULTS = { timeout: '900s', grace: '10s' } as const;

const VALUED: Readonly<Record<string, 'timeout' | 'grace' | 'signal'>> = {
  '--timeout': 'timeout',
  '--grace': 'grace',
  '-k': 'grace',
  '--signal': 'signal',
  '-s': 'signal',
};
const FLAGS: Readonly<Record<string, 'preserveStatus' | 'scrubEnv' | 'json'>> = {
  '--preserve-status': 'preserveStatus',
  '--scrub-env': 'scrubEnv',
  '--json': 'json',
};

/** Null for whatever is not plain (`--help`, a mistake): the parser has the words for that. */
export function readRunWords(words: readonly string[]): RunWords | null {
  const values: { timeout: string; grace: string; signal?: string } = { ...RUN_DEFAULTS };
  const flags = { preserveStatus: false, scrubEnv: false, json: false };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { options: { ...values, ...flags }, command: words.slice(at + 1) };
    if (!word.startsWith('-')) return { options: { ...values, ...flags }, command: words.slice(at) };
    const [name = '', joined] = word.startsWith('--') && word.includes('=') ? halves(word) : [word];
    const flag = Object.hasOwn(FLAGS, name) && joined === undefined ? FLAGS[name] : undefined;
    const valued = Object.hasOwn(VALUED, name) ? VALUED[name] : undefined;
    if (flag !== undefined) flags[flag] = true;
    else if (valued !== undefined) {
      const value = joined ?? words[at + 1];
      if (value === undefined || (joined === undefined && value.startsWith('-'))) return null;
      values[valued] = value;
      if (joined === undefined) at += 1;
    } else return null;
  }
  return null;
}

const halves = (word: string): readonly [string, string] => {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
};
