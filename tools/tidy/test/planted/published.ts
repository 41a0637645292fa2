import { BLOB, HOME } from '../../src/guards/published.ts';
import type { NearMiss, Plant } from '../plant.ts';

const MANIFEST = 'packages/git/package.json';
const README = 'packages/git/README.md';
const inManifest = (title: string, found: string, wanted: string, line: number): Plant => ({
  title,
  rule: 'published-field',
  overlay: { [MANIFEST]: (old) => old.replace(found, wanted) },
  at: `${MANIFEST}:${line}`,
  says: 'npm run --prefix tools/tidy packages',
});
const linked = (target: string): Plant['overlay'] => ({ [README]: (old) => `${old}\nSee [this](${target}).\n` });
const link = (rule: string, target: string, says: string, also: string[] = []): Plant => ({
  title: target,
  rule,
  overlay: linked(target),
  at: `${README}:3`,
  says,
  also,
});

export const plants: readonly Plant[] = [
  inManifest('sources left out of the package', '"src",', '"lib",', 5),
  inManifest('a repository of somebody else', `git+${HOME}.git`, 'git+https://elsewhere.example/x.git', 51),
  inManifest('another folder of the repository', '"directory": "packages/git"', '"directory": "packages/got"', 51),
  inManifest('no word to find it by', '"gatehouse",\n    ', '', 39),
  inManifest('side effects that a bundler must keep', '"sideEffects": false', '"sideEffects": true', 56),
  inManifest('no guard against npm pack', '"prepack": ', '"before": ', 21),
  link('unpacked-link', 'test/boundary.test.ts', 'an importer cannot follow it'),
  link('unpacked-link', '../verdict/README.md', BLOB),
  link('dead-home-link', `${BLOB}packages/git/test/gone.test.ts`, 'no tracked file'),
  link('dead-home-link', `${BLOB}docs/architecture.md#the-moon`, 'no tracked file or heading'),
  link('dead-home-link', `${HOME}/issues/1`, `links start with ${BLOB}`),
];

export const nearMisses: readonly NearMiss[] = [
  { title: 'a link to an example and to a source, which are packed', overlay: linked('examples/first.ts') },
  { title: 'a link to a tracked file by its public address', overlay: linked(`${BLOB}docs/architecture.md#the-map`) },
  { title: 'a link to another place', overlay: linked('https://docs.example/page') },
  { title: 'a link within the page', overlay: linked('#git') },
];
