/** Files whose every change is told or stopped by where they lie: configuration of runners, and programs a tool brings along. */
import type { Family } from './programs.ts';

/** Told by the last part of a path. */
const named = (...names: readonly string[]): RegExp => new RegExp(`^(?:${names.join('|')})$`);

/** Ordinary work touches these often; each decides what is tested, or how. */
const TOLD_NAMES: readonly RegExp[] = [
  named(
    '(?:jest|vitest|vite|playwright|karma|ava|cypress|web-test-runner|nyc|babel)\\.config\\.(?:[cm]?[jt]sx?|json)',
    'vitest\\.(?:workspace|projects)\\.(?:[cm]?[jt]s|json)',
    '(?:karma|wdio|protractor)\\.conf\\.[cm]?[jt]s',
    'jest\\.(?:preset|setup)\\.[cm]?[jt]s',
    '\\.mocharc(?:\\.\\w+)?',
    'mocha\\.opts',
    '\\.(?:nycrc|c8rc|taprc|babelrc|swcrc)(?:\\.\\w+)?',
    'jasmine\\.(?:json|[cm]?js)',
    'cypress\\.json',
    'node\\.config\\.json',
  ),
  named('turbo\\.jsonc?', 'nx\\.json', 'project\\.json', 'lerna\\.json', 'rush\\.json', '\\.pnp\\.cjs'),
  named(
    '\\.?pytest\\.(?:ini|toml)',
    'tox\\.(?:ini|toml)',
    'noxfile\\.py',
    'setup\\.cfg',
    'conftest\\.py',
    '\\.coveragerc',
  ),
  named('(?:GNU)?[Mm]akefile', '[\\w-]+\\.mk', 'Taskfile\\.ya?ml', '\\.?[Jj]ustfile', 'Rakefile'),
  named('\\.rspec(?:-local)?', '\\.minitest', 'cucumber\\.ya?ml', 'phpunit\\.xml(?:\\.dist)?', 'phpunit\\.dist\\.xml'),
  named('go\\.work', 'build\\.rs', 'nextest\\.toml', 'junit-platform\\.properties', 'CTestCustom\\.cmake'),
  named('[\\w.-]*\\.bazelrc', '\\.bazeliskrc', '\\.bazelversion', 'user\\.bazelrc'),
  named(
    'Directory\\.Build\\.(?:props|targets)',
    '[\\w-]*\\.runsettings',
    'xunit\\.runner\\.json',
    'global\\.json',
    'dotnet-tools\\.json',
  ),
  named(
    '\\.tool-versions',
    '\\.?mise(?:\\.[\\w-]+)*\\.toml',
    '\\.envrc',
    '\\.env(?:\\.(?!example$|sample$|template$|dist$)[\\w.-]+)?',
  ),
];
const TOLD_PATHS: readonly RegExp[] = [
  /^gatehouse\.ya?ml$/,
  /(?:^|\/)\.yarn\/cache\/(?:jest|mocha|vitest|ava|c8|nyc|chai|expect)-/,
  /(?:^|\/)(?:buildSrc|build-logic)\//,
  /(?:^|\/)vendor\/(?:github\.com\/(?:stretchr\/testify|onsi\/(?:ginkgo|gomega)|google\/go-cmp)|gotest\.tools)\//,
];

/** Programs and switches that a tool takes from the repository before anything of its own. */
const STOPPED: readonly (readonly [RegExp, readonly Family[], string])[] = [
  [/(?:^|\/)\.yarn\/(?:releases|plugins)\//i, ['npm'], 'is run as the package manager'],
  [/(?:^|\/)\.pnp\.loader\.mjs$/i, ['npm'], 'is run before every test'],
  [/(?:^|\/)\.?pnpmfile\.[cm]?js$/i, ['npm'], 'decides what is installed'],
  [
    /(?:^|\/)(?:gradle|maven)-wrapper\.jar$|(?:^|\/)MavenWrapperDownloader\.java$/i,
    ['jvm'],
    'is run as the build tool',
  ],
  [/(?:^|\/)\.mvn\/(?:[\w.-]+\.(?:xml|config))$/i, ['jvm'], 'decides how the build tool runs'],
  [/^tools\/bazel(?:\.\w+)?$/i, ['bazel'], 'is run as the build tool'],
  [/(?:^|\/)(?:site|user)customize(?:\.py|\/__init__\.py)$/i, ['python'], 'is run when Python starts'],
  [/(?:^|\/)(?:site|dist)-packages(?:\/|$)|(?:^|\/)pyvenv\.cfg$/i, ['python'], 'stands in for what is installed'],
  [/(?:^|\/)vendor\/(?:bin|phpunit|pestphp)(?:\/|$)/i, ['php'], 'is run in place of an installed program'],
];

/** One pattern for many, so that a branch of a hundred thousand paths is passed over quickly. */
export const anyOf = (patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), 'i');

const [NAMES, PATHS, STOPS] = [anyOf(TOLD_NAMES), anyOf(TOLD_PATHS), anyOf(STOPPED.map(([pattern]) => pattern))];

/** Whether every change of the file is told. */
export const isTold = (path: string): boolean => NAMES.test(path.slice(path.lastIndexOf('/') + 1)) || PATHS.test(path);

/** Why a changed path is stopped, and the tools that take it; null: it is not. */
export function stoppedBy(path: string): { readonly families: readonly Family[]; readonly name: string } | null {
  if (!STOPS.test(path)) return null;
  const found = STOPPED.find(([pattern]) => pattern.test(path));
  return found === undefined ? null : { families: found[1], name: found[2] };
}
