/** File and folder names say the one thing inside, in kebab-case. */
import { filesMatching, type Guard, readNothing, type Violation } from '../tree.ts';

/** Nouns without a meaning of their own. Alone or as the head (last part) of a name: `git-utils` is as empty as `utils`. */
const EMPTY_NOUNS = new Set('utils util helpers helper common misc shared types manager impl'.split(' '));
/** Empty only alone: the base is a commit and the service is the product, so `probe-base` and `running-service` name real things. */
const EMPTY_ALONE = new Set([...EMPTY_NOUNS, 'base', 'service']);
/** Empty in front, too: `shared-code`, `common-paths`. */
const EMPTY_IN_FRONT = new Set(['shared', 'common', 'misc']);

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const ESTABLISHED = /^(README|CHANGELOG|CONTRIBUTING|SECURITY|CODE_OF_CONDUCT)\.md$|^(LICENSE|Dockerfile|Makefile)$/;

export const names: Guard = {
  name: 'names are kebab-case and say what is inside',
  rules: ['empty-name', 'not-kebab-case'],
  check(tree) {
    const files = filesMatching(tree, /^(packages|apps|tools|docs)\//);
    if (files.length === 0) return readNothing('file of a workspace');
    const found = new Map<string, Violation>();
    for (const { path } of files)
      for (const violation of checkPath(path)) found.set(`${violation.rule} ${violation.path}`, violation);
    return [...found.values()];
  },
};

function checkPath(path: string): Violation[] {
  // What a fixture is called is part of the case it stands for; migrations are named by their generator.
  if (/\/(fixtures|migrations|work-items)\//.test(path)) return [];
  const parts = path.split('/');
  return parts.slice(1).flatMap((part, at): Violation[] => {
    const place = parts.slice(0, at + 2).join('/');
    const stem = part.replace(/^\./, '').split('.')[0] ?? '';
    const empty = emptyWord(stem);
    if (empty !== null) {
      const message = `'${empty}' says nothing about the contents; name the one thing inside, or move the code to its first user`;
      return [{ rule: 'empty-name', path: place, line: 0, message }];
    }
    if (KEBAB.test(part) || ESTABLISHED.test(part)) return [];
    return [{ rule: 'not-kebab-case', path: place, line: 0, message: `'${part}' is not kebab-case; rename it` }];
  });
}

function emptyWord(stem: string): string | null {
  const words = stem.toLowerCase().split(/[-_]/);
  const [front = '', last = ''] = [words[0], words.at(-1)];
  if (words.length === 1) return EMPTY_ALONE.has(front) ? front : null;
  if (EMPTY_NOUNS.has(last)) return last;
  return EMPTY_IN_FRONT.has(front) ? front : null;
}
