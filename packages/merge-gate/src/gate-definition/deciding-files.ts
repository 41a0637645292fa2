/**
 * Files whose every change is told or stopped by where they lie: programs and switches that a tool takes from the repository, and
 * settings that ordinary work touches. Those of which only some lines decide stand in settings-files.ts.
 */
import type { Finding } from './finding.ts';
import { ALL_FAMILIES, type Family } from './programs.ts';

export interface DecidingFile {
  /** The whole path, or one that leads to it: whoever loads a file loads what a directory in its place holds. */
  readonly file: RegExp;
  /** `block`: where the command reaches one of `readBy`; elsewhere it is told. */
  readonly weight: Finding['weight'];
  /** With `warn`: who has to be reached for it to be told; empty: it is told always. */
  readonly readBy: readonly Family[];
  /** What the change does, after the path; empty where the path says it. */
  readonly name: string;
  /** Which tool reads it, and what a test command would then do that nobody changed. */
  readonly why: string;
}

const RUN_AS_MANAGER = 'is run as the package manager';
const RUN_AS_BUILD = 'is run as the build tool';
const HOW_BUILD = 'decides how the build tool runs';
const INSTALLED = 'stands in for what is installed';
const INSTEAD = 'is run in place of an installed program';
const REMEMBERED = 'is taken for a run that was green';
const BUILT = 'is run in place of what would be built';

/** A path that is one of `names`, at any depth. */
const named = (...names: readonly string[]): RegExp => new RegExp(`(?:^|/)(?:${names.join('|')})(?:/|$)`, 'i');

const told = (why: string, ...names: readonly string[]): DecidingFile => ({
  file: named(...names),
  weight: 'warn',
  readBy: [],
  name: '',
  why,
});

const stopped =
  (family: Family, name: string) =>
  (why: string, ...names: readonly string[]): DecidingFile => ({
    file: named(...names),
    weight: 'block',
    readBy: [family],
    name,
    why,
  });

const STOPPED: readonly DecidingFile[] = [
  stopped('npm', RUN_AS_MANAGER)('yarn runs the release and the plugins it finds here', '\\.yarn/(?:releases|plugins)'),
  stopped('npm', RUN_AS_MANAGER)(
    'corepack reads its own environment here: another registry, no signatures, an archive from anywhere',
    '\\.corepack\\.env',
  ),
  stopped('npm', REMEMBERED)(
    'turbo, nx, lage, moon and wireit print the result that they find here in place of running the task',
    '\\.turbo/(?!config\\.)[\\w.-]+',
    '\\.nx/(?:cache|workspace-data)',
    '\\.(?:moon|wireit|lage)/(?:cache|[0-9a-f]{8,})',
    'node_modules/\\.cache',
    '[\\w.-]*\\.tsbuildinfo',
  ),
  stopped('python', REMEMBERED)(
    'mypy and pytest-testmon pass over what they remember as checked',
    '\\.mypy_cache',
    '\\.testmondata(?:-\\w+)?',
  ),
  stopped('gradle', REMEMBERED)(
    'gradle passes over a task that is remembered here as done',
    '\\.gradle/[\\d.]+',
    '\\.gradle/(?:caches|buildOutputCleanup)',
  ),
  stopped('rust', BUILT)(
    'cargo runs the test programs it finds here when the sources are no younger, and a checkout makes all at once',
    'target/(?:[\\w-]+/)?(?:debug|release)/(?:deps|build|incremental|examples|\\.fingerprint)',
  ),
  stopped('maven', BUILT)(
    'maven compiles only what is younger than the classes here',
    'target/(?:(?:test-)?classes|maven-status)',
  ),
  stopped('dotnet', BUILT)(
    'dotnet builds only what is younger than the programs here',
    '(?:bin|obj)/(?:debug|release)/(?:[\\w.-]+/)*[\\w.-]+\\.(?:dll|exe|pdb|cache)',
  ),
  stopped('npm', 'is run before every test')('yarn gives it to every node it starts', '\\.pnp\\.loader\\.mjs'),
  stopped('npm', 'decides what is installed')('pnpm loads it as code at each installation', '\\.?pnpmfile\\.[cm]?js'),
  stopped('gradle', RUN_AS_BUILD)('gradlew runs it', 'gradle-wrapper\\.jar'),
  stopped('maven', RUN_AS_BUILD)('mvnw runs or compiles it', 'maven-wrapper\\.jar', 'MavenWrapperDownloader\\.java'),
  stopped('maven', HOW_BUILD)(
    'switches, extensions and settings of every mvn',
    '\\.mvn/(?!jvm\\.)[\\w.-]+\\.(?:xml|config)',
  ),
  {
    ...stopped('bazel', RUN_AS_BUILD)('bazelisk runs it in place of bazel'),
    file: /^tools\/bazel(?:\.\w+)?(?:\/|$)/i,
  },
  stopped('python', 'is run when Python starts')(
    'every python that has its directory on the path imports it first, compiled or not',
    '(?:site|user)customize(?:\\.[\\w.-]+)?',
  ),
  stopped('python', INSTALLED)(
    'a virtual environment in the repository: its packages and its .pth files are code',
    '(?:site|dist)-packages',
    'pyvenv\\.cfg',
    '__pypackages__',
  ),
  stopped('python', INSTEAD)(
    'the interpreter and the programs of a virtual environment, which uv, poetry and presets prefer',
    '\\.?(?:v?env|virtualenv)/(?:bin|scripts)',
    '\\.(?:tox|nox)/[^/]+/(?:bin|scripts)',
    '\\.pixi/envs',
  ),
  {
    ...stopped('python', INSTEAD)('pipenv and pdm take the path of an interpreter or its environment from it'),
    file: /(?:^|\/)\.(?:venv|pdm-python)$/i,
  },
  stopped('ruby', INSTALLED)('bundler takes installed gems from here', 'vendor/bundle'),
  stopped('php', INSTALLED)(
    'composer believes what it finds here, and every script loads it first',
    'vendor/(?:composer|autoload\\.php)',
  ),
  stopped('php', INSTEAD)('programs of composer', 'vendor/(?:bin|phpunit|pestphp)'),
  stopped('dotnet', HOW_BUILD)('switches of every dotnet build and test', '(?:MSBuild|Directory\\.Build)\\.rsp'),
  stopped('versions', 'is run before the command')('direnv runs it as a shell script', '\\.envrc'),
];

const TOLD: readonly DecidingFile[] = [
  told(
    'configuration of JavaScript runners: what is a test, what runs first, what counts as a failure',
    '(?:jest|test-runner-jest|vitest|vite|playwright(?:-ct)?|karma|ava|cypress|web-test-runner|wtr|rstest|nyc|babel|craco|lage|poku|detox|stencil|hardhat)\\.config\\.(?:[cm]?[jt]sx?|json)',
    'vitest\\.(?:workspace|projects)\\.(?:[cm]?[jt]s|json)',
    '(?:karma|wdio|protractor|nightwatch|codecept)\\.conf\\.[cm]?[jt]s',
    '\\.storybook/test-runner\\.[cm]?[jt]s',
    '(?:jest-e2e|nightwatch|intern)\\.json',
    '\\.detoxrc(?:\\.\\w+)?',
    '(?:jest|vitest)[.-](?:preset|setup|environment|global-?setup)\\.[cm]?[jt]s',
    '\\.mocharc(?:\\.\\w+)?',
    'mocha\\.opts',
    '\\.(?:nycrc|c8rc|taprc|babelrc|swcrc)(?:\\.\\w+)?',
    'jasmine\\.(?:json|[cm]?js)',
    'cypress\\.json',
    'testem\\.(?:json|[cm]?js)',
    'import_?map\\.json',
    'node\\.config\\.json',
  ),
  told(
    'runners of scripts: which test of which package runs, and from which cache',
    'turbo\\.jsonc?',
    '(?:nx|project|workspace|lerna|rush|angular)\\.json',
    'moon\\.yml',
    '\\.moon',
    '(?:gulp|grunt|jake)file(?:\\.[cm]?[jt]s)?',
  ),
  told('yarn resolves every module by it; it changes with each dependency', '\\.pnp\\.cjs', '\\.yarn/unplugged'),
  told('pnpm and bun read scripts and settings here, too', 'package\\.(?:yaml|json5)'),
  told(
    'a runner as yarn, or a patch, brings it',
    '\\.yarn/cache/(?:jest|mocha|vitest|ava|c8|nyc|chai|expect)-[^/]*',
    '(?:\\.yarn/)?patches/(?:@?jest|mocha|vitest|@vitest|ava|c8|nyc|chai|expect)\\b[^/]*\\.patch',
  ),
  told(
    'settings and hooks of Python runners',
    '\\.?pytest\\.(?:ini|toml)',
    'tox\\.(?:ini|toml)',
    'noxfile\\.py',
    'setup\\.cfg',
    'conftest\\.py[cdo]?',
    '\\.coveragerc',
    '(?:nose2|unittest)\\.cfg',
    '\\.?noserc',
    '\\.(?:stestr|testr)\\.conf',
  ),
  told('pytest, ruff and eslint may pass over what they remember', '\\.(?:pytest|ruff)_cache', '\\.eslintcache'),
  told('runs or decides when the project is installed', 'setup\\.py', '(?:poetry|uv|\\.?pdm|hatch|pixi)\\.toml'),
  told('Python may run it in place of the source beside it', '__pycache__/[^/]+\\.pyc'),
  told(
    'what make, task, just and rake do under a name',
    '(?:gnu)?makefile',
    '[\\w-]+\\.mk',
    'taskfile\\.ya?ml',
    '\\.?justfile',
    'rakefile',
    'magefile\\.go',
    'magefiles',
    'makefile\\.toml',
    'poe_tasks\\.(?:toml|ya?ml|json)',
    '(?:dodo|fabfile|pavement)\\.py',
    'wscript',
    'SCons(?:truct|cript)',
    'bb\\.edn',
  ),
  { ...told('what invoke does under a name'), file: /^tasks\.py$/i },
  told(
    'settings of runners of Ruby, PHP and BDD, and what they load first',
    '\\.rspec(?:-local)?',
    '\\.minitest',
    '(?:spec|rails|test)_helper\\.rb',
    'cucumber\\.ya?ml',
    'phpunit\\.xml(?:\\.dist)?',
    'phpunit\\.dist\\.xml',
    'tests/(?:pest|bootstrap)\\.php',
    '(?:codeception|behat|phpspec)(?:\\.dist)?\\.ya?ml',
  ),
  told(
    'in the name of what a test judges with: found first where the tool looks into lib, spec and t',
    'Test/(?:More|Simple|Builder|Harness|Most|Deep|Exception|Fatal|Warn)\\.pm',
    'Test2/[\\w/]+\\.pm',
    'App/Prove\\.pm',
    '(?:lib|spec|test)/(?:rspec/(?:core|expectations|mocks|support|autorun)|minitest(?:/\\w+)?|test/unit)\\.rb',
  ),
  told('Go takes modules from there, or from elsewhere', 'go\\.work', 'vendor/modules\\.txt'),
  told(
    'code that Go tests judge with',
    'vendor/(?:github\\.com/(?:stretchr/testify|onsi/(?:ginkgo|gomega)|google/go-cmp)|gotest\\.tools)',
  ),
  told('cargo runs it before each build; nextest reads scripts', 'build\\.rs', 'nextest\\.toml'),
  told(
    'cross runs tests in an image that it names; insta accepts any result where it says so',
    'cross\\.toml',
    'insta\\.ya?ml',
  ),
  told(
    'run when the project is read, or tests begin',
    'build\\.zig',
    'Setup\\.hs',
    'flutter_test_config\\.dart',
    'test_helper\\.exs',
    'spec_helper\\.cr',
    'setup_suite\\.bash',
    '\\.Rprofile',
    '\\.Renviron',
    '\\.octaverc',
  ),
  told(
    'what is built already, or installed, and may be taken in place of the sources',
    '_build',
    '_opam',
    'dist-newstyle',
    '\\.stack-work',
    '\\.zig-cache',
    'nimcache',
    '\\.build/(?:debug|release)',
    '\\.dart_tool',
    'CMakeCache\\.txt',
    '\\.ninja_(?:deps|log)',
    '[^/]+\\.(?:o|lo|gcda|gcno)',
  ),
  told(
    'code and settings that a JVM build loads first',
    'buildSrc',
    'build-logic',
    'junit-platform\\.properties',
    'META-INF/services/org\\.(?:junit|testng)\\.[\\w.]+',
    'testng\\.xml',
    'tests\\.edn',
    'build\\.(?:mill|sc)',
    'gradle-daemon-jvm\\.properties',
    'project/(?:build\\.properties|[\\w-]+\\.(?:sbt|scala))',
  ),
  told(
    'which tests CTest, prove, busted, dart and the like run, and what counts',
    '\\.hspec',
    '\\.shellspec(?:-\\w+)?',
    'lit(?:\\.site)?\\.cfg(?:\\.py)?',
    'rebar\\.config(?:\\.script)?',
    'dune(?:-project|-workspace)?',
    '(?:config\\.nims|nim\\.cfg)',
    'foundry\\.toml',
    'CTest(?:Custom|Config|TestFile)\\.cmake',
    'CMake(?:User)?Presets\\.json',
    '\\.proverc',
    '\\.busted',
    'dart_test\\.yaml',
    'pubspec_overrides\\.yaml',
    'cabal\\.project(?:\\.local)?',
  ),
  told(
    'switches of bazel and its like',
    '[\\w.-]*\\.bazelrc',
    '\\.bazeliskrc',
    '\\.bazelversion',
    'pants\\.toml',
    '\\.buckconfig(?:\\.local)?',
  ),
  told(
    'what .NET builds with, and where it restores from',
    'Directory\\.(?:Build|Solution)\\.(?:props|targets)',
    '(?:before|after)\\.[^/]+\\.sln\\.targets',
    '[\\w-]*\\.runsettings',
    'xunit\\.runner\\.json',
    'testconfig\\.json',
    'global\\.json',
    'nuget\\.config',
    'dotnet-tools\\.json',
  ),
  told(
    'which version of a tool a shim on the PATH runs, or nix and its like provide',
    '\\.(?:nvmrc|(?:node|ruby|java|go|php|terraform|bun|deno)-version|sdkmanrc)',
    '(?:flake|shell|devenv)\\.nix',
    'flake\\.lock',
    'devbox\\.json',
    'aqua(?:/aqua)?\\.ya?ml',
    '\\.flox/env/manifest\\.toml',
    '\\.?mise[/-]tasks',
  ),
  told(
    'variables that a runner puts into the environment',
    '\\.rbenv-vars',
    '\\.env(?:\\.(?!(?:example|sample|template|dist)(?:/|$))[\\w.-]+)?',
  ),
  { ...told('how changes are judged'), file: /^gatehouse\.ya?ml$/i },
  // Most repositories have some of these for what they deliver, where they decide no test.
  {
    ...told('what a container runs, in which image and with which files'),
    file: /(?:^|\/)(?:(?:(?:docker|podman|container)-)?compose(?:[.-][\w.-]+)?\.ya?ml|(?:[\w.-]+\.)?(?:docker|container)file(?:[.-](?!md$|rst$|txt$)[\w.-]+)?|\.(?:docker|container)ignore|docker-bake(?:\.override)?\.(?:hcl|json)|earthfile)$/i,
    readBy: ['container'],
  },
  {
    ...told('in which container a command runs, and what is done there first', '\\.devcontainer(?:\\.json)?'),
    readBy: ['container'],
  },
];

/** The whole table; a row counts before those below it. */
export const DECIDING_FILES: readonly DecidingFile[] = [...STOPPED, ...TOLD];

/** A folder that a tool looks into, and who does. */
export interface DecidingFolder {
  readonly folder: RegExp;
  readonly readBy: readonly Family[];
}

/** Where one of these becomes a link or a submodule, every file that is looked for in it is another one, under a path that no row has. */
export const DECIDING_FOLDERS: readonly DecidingFolder[] = [
  { folder: /(?:^|\/)\.yarn(?:\/(?:releases|plugins))?$/i, readBy: ['npm'] },
  { folder: /(?:^|\/)(?:\.turbo|\.nx)(?:\/cache)?$/i, readBy: ['npm'] },
  { folder: /(?:^|\/)(?:\.cargo|target(?:\/(?:debug|release))?)$/i, readBy: ['rust'] },
  { folder: /(?:^|\/)\.(?:tox|nox|pixi)$/i, readBy: ['python'] },
  { folder: /(?:^|\/)\.mvn(?:\/wrapper)?$/i, readBy: ['maven'] },
  { folder: /(?:^|\/)gradle(?:\/wrapper)?$/i, readBy: ['gradle'] },
  { folder: /(?:^|\/)\.?(?:v?env|virtualenv)$/i, readBy: ['python'] },
  { folder: /(?:^|\/)\.bundle$/i, readBy: ['ruby'] },
  { folder: /(?:^|\/)vendor$/i, readBy: ['ruby', 'php'] },
  { folder: /^tools$/i, readBy: ['bazel'] },
  { folder: /(?:^|\/)(?:\.config|(?:\.config\/|\.)?mise(?:\/conf\.d)?)$/i, readBy: ALL_FAMILIES },
];

/** One pattern for many, so that a branch of a hundred thousand paths is passed over quickly. */
export const anyOf = (patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), 'i');

const ANY = anyOf(DECIDING_FILES.map(({ file }) => file));

const ANY_FOLDER = anyOf(DECIDING_FOLDERS.map(({ folder }) => folder));

/** Who looks into the folder at a path; none for any other. */
export const lookersInto = (path: string): readonly Family[] =>
  ANY_FOLDER.test(path) ? DECIDING_FOLDERS.flatMap(({ folder, readBy }) => (folder.test(path) ? readBy : [])) : [];

/** The row of a path; null: no change of it is told for where it lies. */
export const decidingFile = (path: string): DecidingFile | null =>
  ANY.test(path) ? (DECIDING_FILES.find(({ file }) => file.test(path)) ?? null) : null;
