import type { NearMiss, Plant } from '../plant.ts';

const PLACE = 'apps/orchestrator/src/main.ts';
const file = (path: string, text: string): Plant['overlay'] => ({ [path]: (old) => `${old}${text}` });

export const plants: readonly Plant[] = [
  {
    title: 'a service that pushes by itself',
    rule: 'raw-remote',
    overlay: file(PLACE, "import { pushBranch } from '@gatehouse/git';\nexport const look = pushBranch;\n"),
    at: `${PLACE}:4`,
    says: 'ask context.forgeOf(repo)',
  },
  {
    title: "a service that reads a repository's url",
    rule: 'raw-url',
    overlay: file(PLACE, 'export const look = (repo: { url: string }) => repo.url;\n'),
    at: `${PLACE}:4`,
    says: 'name it by its id',
  },
  {
    title: "a service that takes a repository's url apart",
    rule: 'raw-url',
    overlay: file(PLACE, 'export function look(repo: { url: string }) {\n  const { url } = repo;\n  return url;\n}\n'),
    at: `${PLACE}:5`,
    says: 'name it by its id',
  },
];

export const nearMisses: readonly NearMiss[] = [
  {
    title: 'a forge that reaches its remote',
    overlay: file(
      'apps/orchestrator/src/forges/look.ts',
      "import { pushBranch } from '@gatehouse/git';\nexport const look = (repo: { url: string }) => [pushBranch, repo.url];\n",
    ),
  },
  {
    title: 'the url of something else',
    overlay: file(PLACE, 'export const look = (place: { url: string }) => place.url;\n'),
  },
  {
    title: 'a page that shows where a repository is',
    overlay: file('apps/orchestrator/src/http/look.ts', 'export const look = (repo: { url: string }) => repo.url;\n'),
  },
];
