import type { NearMiss, Plant } from '../plant.ts';
import { ROOT } from '../small-repository.ts';

const GIT = 'packages/git/src/work.ts';
const git = (line: string): Plant['overlay'] => ({ [GIT]: (old) => `${old}${line}\n` });
const comment = (rule: string, line: string, says: string, at = 4): Plant => ({
  title: line,
  rule,
  overlay: git(line),
  at: `${GIT}:${at}`,
  says,
});
const file = (rule: string, path: string, says: string, text = 'x\n'): Plant => ({
  title: path,
  rule,
  overlay: { [path]: text },
  at: `${path}:0`,
  says,
});
const readme = (rule: string, line: string, says: string): Plant => ({
  title: line,
  rule,
  overlay: { 'README.md': (old) => `${old}${line}\n` },
  at: 'README.md:4',
  says,
});
const inFile = (rule: string, path: string, line: string, says: string): Plant => ({
  title: `${path}: ${line}`,
  rule,
  overlay: { [path]: (old) => `${line}\n${old}` },
  at: `${path}:1`,
  says,
});
// Written in parts, because the guard reads its own tests as well.
const home = (...parts: string[]): string => ['', ...parts].join('/');
const WEB = 'https:';

export const plants: readonly Plant[] = [
  ...['ts', 'tsx', 'mjs', 'css', 'sql'].map((ending) => ({
    title: `401 lines of ${ending}`,
    rule: 'too-long',
    overlay: { [`packages/git/src/long.${ending}`]: '\n'.repeat(401) },
    at: `packages/git/src/long.${ending}:401`,
    says: '401 lines, 400 are allowed; split it',
  })),
  {
    title: 'a long script without an ending',
    rule: 'too-long',
    overlay: { '.ci/run': `#!/bin/sh\n${'\n'.repeat(400)}` },
    at: '.ci/run:401',
    says: 'split it',
  },
  file('empty-name', 'packages/git/src/utils.ts', "'utils' says nothing"),
  file('empty-name', 'packages/git/src/git-helpers.ts', "'helpers' says nothing"),
  file('empty-name', 'packages/git/src/slot-manager.test.ts', "'manager' says nothing"),
  file('empty-name', 'packages/git/src/shared-code.ts', "'shared' says nothing"),
  file('empty-name', 'packages/git/src/base.ts', "'base' says nothing"),
  {
    ...file('empty-name', 'packages/git/src/common/slot.ts', 'name the one thing inside'),
    at: 'packages/git/src/common:0',
  },
  file('not-kebab-case', 'packages/git/src/readBlob.ts', "'readBlob.ts' is not kebab-case"),
  file('not-kebab-case', 'packages/git/src/read_blob.ts', 'rename it'),
  comment('history', '// It previously ran twice.', 'leave history to git'),
  comment('history', '/* The slot no\n * longer moves. */', "'no longer' tells what was"),
  comment('history', '// It used to run twice.', "'used to'"),
  comment('history', '// fine\n// It used to run.', "'used to'", 5),
  comment('narration', '/** This function runs git. */', 'begin with the verb'),
  comment('banner', '// ==== Slots ====', 'is a banner'),
  comment('banner', '// ----------', 'is a banner'),
  comment('banner', '/*****************\n * Slots\n */', 'is a banner'),
  comment('promise', '// TODO: later', 'open an issue'),
  comment('promise', 'export const a = 1; // FIXME', 'do it'),
  inFile('promise', 'pnpm-workspace.yaml', '# TODO', 'do it'),
  inFile('host-in-install-file', '.npmrc', `registry=${WEB}//npm.example.test/`, "'https://npm.example.test'"),
  inFile('host-in-install-file', '.npmrc', '//npm.example.test/:_authToken=x', 'leave that to the registry'),
  inFile(
    'host-in-install-file',
    'pnpm-lock.yaml',
    `  tarball: ${WEB}//npm.example.test/a.tgz`,
    'decides where packages come from',
  ),
  inFile('registry', '.ci/install', `npm install --registry=${WEB}//npm.example.test`, 'leave it out'),
  inFile(
    'machine-path',
    'README.md',
    `Look in ${home('lab', 'desk', 'notes.txt')}.`,
    "'/lab/desk/' is a path of one machine",
  ),
  inFile('machine-path', 'README.md', `Look in \`${home('root', '.cache')}\`.`, 'derive it'),
  inFile('machine-path', 'README.md', `(${home('home', 'ada', 'work')})`, 'derive it'),
  inFile('machine-path', 'packages/git/src/work.ts', `const a = '${home('Users', 'ada', 'work')}';`, 'derive it'),
  readme('dead-link', '[gone](docs/gone.md)', "'docs/gone.md' leads to no tracked file"),
  readme('dead-link', '![picture](docs/map.svg "the map")', 'docs/map.svg'),
  readme('dead-link', '[gone]: docs/gone.md', 'correct the path'),
  readme('dead-link', '<a href="docs/gone.md">gone</a>', 'correct the path'),
  readme('dead-link', '[case](docs/Glossary.md)', 'docs/Glossary.md'),
  readme('dead-anchor', '[words](docs/glossary.md#verdicts)', "docs/glossary.md has no place '#verdicts'"),
  readme('dead-anchor', '[here](#nowhere)', 'README.md has no place'),
  readme('dead-anchor', '[code](packages/git/src/work.ts#L900)', 'link to a heading'),
  file('adr-name', 'docs/adr/9-nine.md', 'NNNN-what-was-chosen.md'),
  {
    title: 'a decision without a link',
    rule: 'adr-unlinked',
    overlay: { 'docs/adr/0002-doors.md': '# 2\n' },
    at: 'docs/adr/0002-doors.md:0',
    says: 'link it from docs/adr/README.md',
  },
  {
    title: 'two decisions with one number',
    rule: 'adr-number',
    overlay: { 'docs/adr/0001-second.md': '# 1\n', 'docs/adr/README.md': (old) => `${old}- [also](0001-second.md)\n` },
    at: 'docs/adr/0001-second.md:0',
    says: '0001 is taken by docs/adr/0001-outcomes-are-values.md',
  },
  {
    title: 'no map',
    rule: 'no-map',
    overlay: { 'docs/architecture.md': null, 'README.md': '# Small\n' },
    at: 'docs/architecture.md:0',
    says: 'write it',
  },
  {
    title: 'a package that is not on the map, although a longer word holds its name',
    rule: 'unnamed-package',
    overlay: {
      'docs/architecture.md': (old) =>
        old
          .replace(/.*`packages\/git`.*\n/, '')
          .replace('# The map', '# The map\n\ngit, `git-like`, packages/git-like'),
    },
    at: 'docs/architecture.md:0',
    says: 'packages/git is not on the map',
  },
  {
    title: 'a package the map names that does not exist',
    rule: 'names-nothing',
    overlay: {
      'docs/architecture.md': (old) => old.replace('| `packages/git`', '| `packages/gone` | x | y |\n| `packages/git`'),
    },
    at: 'docs/architecture.md:7',
    says: 'the map names packages/gone, which is not there',
  },
  {
    title: 'a folder of the service that is not on the map',
    rule: 'unnamed-folder',
    overlay: { 'apps/orchestrator/src/cli/program.ts': 'export {};\n' },
    at: 'docs/architecture.md:0',
    says: 'apps/orchestrator/src/cli is not in the table',
  },
  {
    title: 'a folder of the service the map names that does not exist',
    rule: 'names-nothing',
    overlay: { 'docs/architecture.md': (old) => `${old}| \`rooms/\`, \`settings.ts\` | gone |\n` },
    at: 'docs/architecture.md:17',
    says: 'the map names apps/orchestrator/src/rooms/',
  },
  {
    title: 'an arrow the map draws and tidy does not allow',
    rule: 'drawn-otherwise',
    overlay: { 'docs/architecture.md': (old) => old.replace('| c | verdict, proc-group |', '| c | verdict |') },
    at: 'docs/architecture.md:7',
    says: "allows 'verdict, proc-group'",
  },
  {
    title: 'no glossary',
    rule: 'no-glossary',
    overlay: { 'docs/glossary.md': null },
    at: 'docs/glossary.md:0',
    says: 'write one line per word',
  },
  ...(['pass', 'lock-busy', 'neverRaise'] as const).map((term) => ({
    title: `${term} without a row of its own`,
    rule: 'unexplained',
    overlay: {
      'docs/glossary.md': (old: string) =>
        `${old.replace(`\`${term}\``, 'it')}\nIn passing: \`${term}\`.\n| other | \`${term}\` |\n`,
    },
    at: 'docs/glossary.md:0',
    says: `\`${term}\` has no row`,
  })),
  {
    title: 'a literal of a closed type that no row names',
    rule: 'unexplained',
    overlay: { 'packages/verdict/src/closed.ts': (old) => old.replace("TaskStatus = 'fail'", "TaskStatus = 'stuck'") },
    at: 'docs/glossary.md:0',
    says: 'the status of a task `stuck` has no row',
  },
  {
    title: 'a closed type that went away',
    rule: 'no-such-type',
    overlay: { 'packages/verdict/src/closed.ts': (old) => old.replace('type Level', 'type Depth') },
    at: 'docs/glossary.md:0',
    says: 'no type Level of literals',
  },
  {
    title: 'a word with two rows, once in a list',
    rule: 'explained-twice',
    overlay: { 'docs/glossary.md': (old) => `${old}| \`infra\`, work | again |\n` },
    at: 'docs/glossary.md:8',
    says: "'infra' is explained in line 6 already",
  },
  {
    title: 'a word that no code says',
    rule: 'unused-word',
    overlay: { 'docs/glossary.md': (old) => `${old}| merge lantern | a light |\n` },
    at: 'docs/glossary.md:8',
    says: "no code says 'merge lantern'",
  },
];

export const nearMisses: readonly NearMiss[] = [
  {
    title: 'a word of two parts that the code joins',
    overlay: {
      'docs/glossary.md': (old) => `${old}| merge lease | the right to move main |\n`,
      [GIT]: (old) => `${old}export const mergeLease = 1;\n`,
    },
  },
  { title: '400 lines', overlay: { 'packages/git/src/long.ts': '\n'.repeat(400) } },
  {
    title: 'long Markdown, a long lockfile and long generated snapshots',
    overlay: {
      'docs/long.md': '\n'.repeat(900),
      'pnpm-lock.yaml': '\n'.repeat(900),
      'apps/orchestrator/migrations/meta/_journal.json': '\n'.repeat(900),
    },
  },
  {
    title: 'names that only contain an empty noun',
    overlay: Object.fromEntries(
      [
        'lease-release',
        'probe-base',
        'rebase-onto',
        'base-moved',
        'implicit',
        'type-of-run',
        'servicing',
        'database',
      ].map((name) => [`packages/git/src/${name}.ts`, 'export {};\n']),
    ),
  },
  {
    title: 'established and generated names',
    overlay: {
      'packages/git/CHANGELOG.md': '# x\n',
      'packages/git/LICENSE': 'x\n',
      'apps/orchestrator/migrations/0000_first_Table.sql': '-- x\n',
      'packages/git/test/fixtures/utils/Odd_Name.ts': 'export {};\n',
      'packages/git/test/read-blob.prop.test.ts': '',
    },
  },
  {
    title: 'the purpose of a thing',
    overlay: git(
      '// Read this file first. The cookie is used to find leftovers; this functional style, method by method.',
    ),
  },
  {
    title: 'banned words in strings',
    overlay: git("export const a = 'TODO: no longer used to, previously this function ====';"),
  },
  {
    title: 'short rules, tables and keys in comments',
    overlay: git('// a --- b === c\n// | a |---|---|\n// -----BEGIN KEY-----\n/** One line. */'),
  },
  {
    title: 'the web in prose, in metadata and in code',
    overlay: {
      'README.md': (old) => `${old}[site](${WEB}//example.test/a) <mailto:a@b.test>\n`,
      'packages/git/README.md': `registry: see ${WEB}//example.test\n`,
    },
  },
  { title: 'a loopback registry', overlay: { '.ci/install': 'npm install --registry=http://127.0.0.1:4873\n' } },
  {
    title: 'paths that only end like a path of a machine',
    overlay: git(
      `export const a = ['src${home('root', 'x')}', \`\${tmp}${home('home', 'ada', 'x')}\`, '/tmp/x', 'docs${ROOT}/x'];`,
    ),
  },
  {
    title: 'links in code, to folders, to headings with marks and to repeated headings',
    overlay: {
      'README.md': (old) =>
        `${old}\`[a](gone.md)\`\n\n\`\`\`md\n[b](gone.md)\n# fenced\n\`\`\`\n[c](docs/) [d](#what-is-a-slot-really) [e](#twice-1) [f](docs/architecture.md) [g](/docs/glossary.md)\n\n## What \`is\` a slot, really?\n## Twice\n## Twice\n[h](packages/git/src/work.ts#L2)\n`,
    },
  },
];
