/** go.mod names the versions of a Go module, go.sum their hashes. */
import { type LockAnswer, type LockedPackage, locked, lockOf, malformed } from '../locked-package.ts';

const MODULE = /^[\w.~!/-]+$/;

export function readGoMod(content: string): LockAnswer {
  const required = new Map<string, LockedPackage>();
  const replaced: LockedPackage[] = [];
  const instead: LockedPackage[] = [];
  let block = '';
  let hasModule = false;
  for (const [at, line] of content.split('\n').entries()) {
    const words = line
      .replace(/\/\/.*$/, '')
      .trim()
      .split(/\s+/)
      .map(unquote);
    if (words[0] === '') continue;
    if (block !== '' && words[0] === ')') {
      block = '';
      continue;
    }
    const opens = block === '' && words[1] === '(' ? words[0] : undefined;
    if (opens !== undefined) {
      block = opens;
      continue;
    }
    const verb = block === '' ? words[0] : block;
    const rest = block === '' ? words.slice(1) : words;
    if (verb === 'module') hasModule = true;
    else if (verb === 'require') {
      const [name = '', version = ''] = rest;
      if (!MODULE.test(name) || !version.startsWith('v')) return malformed(`line ${at + 1}: no requirement`);
      required.set(name, locked(name, version));
    } else if (verb === 'replace') {
      const one = readReplace(rest);
      if (one === null) return malformed(`line ${at + 1}: no replacement`);
      replaced.push(one);
      const target = /^replaced:(.+)@(v[^@]+)$/.exec(one.sources[0] ?? '');
      if (target !== null) instead.push(locked(target[1] ?? '', target[2] ?? ''));
    } else if (!/^(?:go|toolchain|exclude|retract|tool|godebug|ignore)$/.test(verb ?? ''))
      return malformed(`line ${at + 1}: an unknown line`);
  }
  if (!hasModule || block !== '') return malformed(hasModule ? 'an open block' : 'no module line');
  for (const { name, sources } of replaced) if (sources.length > 0) required.delete(name);
  return lockOf([...required.values(), ...replaced, ...instead]);
}

/** `old [v1] => new v2` or `old => ./folder`. The same module in another version is only another version. */
function readReplace(words: readonly string[]): LockedPackage | null {
  const arrow = words.indexOf('=>');
  const [name, target, version = ''] = [words[0], words[arrow + 1], words[arrow + 2]];
  if (arrow < 1 || name === undefined || target === undefined) return null;
  if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(target)) return locked(name, '', { sources: [`link:${target}`], role: 'local' });
  if (target === name) return locked(name, version);
  return locked(name, '', { sources: [`replaced:${target}@${version}`], hashes: [`module:${target}@${version}`] });
}

const unquote = (word: string): string => word.replace(/^"(.*)"$/, '$1');

/** Every hash that go would check, of modules and of their go.mod alike. */
export function readGoSum(content: string): LockAnswer {
  const found = new Map<string, string[]>();
  for (const [at, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const match = /^(\S+) (v\S+) (h1:[A-Za-z0-9+/]{43}=)$/.exec(line.trimEnd());
    if (match === null) return malformed(`line ${at + 1}: no hash of a module`);
    const key = `${match[1]} ${match[2]}`;
    found.set(key, [...(found.get(key) ?? []), match[3] ?? '']);
  }
  return lockOf(
    [...found].map(([key, hashes]) => locked(key.split(' ')[0] ?? '', key.split(' ')[1] ?? '', { hashes })),
  );
}
