/**
 * Settings with which a tool runs a script or a test otherwise than it is written. A key that is not known may do so; what is
 * harmless is listed, from the tools' manuals. How they spell a key was tried with npm 11.19, pnpm 10.34 and yarn 1.22.
 */
import { byLine, bySection, byTopKey, type DecidingText, type Weight } from './deciding-text.ts';
import { ALL_FAMILIES, type Family, isRunnerPackage } from './programs.ts';

export interface SettingsFile {
  readonly file: RegExp;
  /** The tools that read it; where the command reaches none of them, a change is only told. Empty: whoever runs. */
  readonly readBy: readonly Family[];
  /** Only where a script runs: in the root and the directories the command goes to. */
  readonly whereRun?: true;
  /** What a change does, after the path. */
  readonly name: string;
  /** How a test command would do otherwise that nobody changed. */
  readonly why: string;
  read(text: string): DecidingText;
}

const HOW = 'how scripts are run';
const line =
  (levels: { readonly harmless?: RegExp; readonly warn?: RegExp; readonly block?: RegExp; readonly rest: Weight }) =>
  (text: string): Weight => {
    if (levels.block?.test(text) === true) return 'block';
    if (levels.harmless?.test(text) === true) return 'harmless';
    return levels.warn?.test(text) === true ? 'warn' : levels.rest;
  };

const NPMRC = line({
  harmless:
    /^\s*(?:fund|audit|audit-level|color|progress|loglevel|save|save-(?:exact|prefix|dev)|save-workspace-protocol|update-notifier|engine-strict|legacy-peer-deps|strict-peer-dep(?:endencie)?s|auto-install-peers|prefer-(?:offline|dedupe)|fetch-(?:retries|retry-[a-z]+|timeout)|maxsockets|network-concurrency|tag-version-prefix|init[.-][a-z.-]+|sign-git-(?:tag|commit)|git-tag-version|commit-hooks|message|access|provenance|resolution-mode|dedupe-peer-dependents)\s*=[\t\x20-\x7e]*$/,
  warn: /^\s*(?:(?:@[\w.-]+:)?registry|\/\/[\w.:/-]+|strict-ssl|ca|cafile|cert|proxy|https?-proxy|noproxy|always-auth|_auth\w*|omit|include|package-lock|lockfile|node-linker|hoist|shamefully-hoist|(?:public-)?hoist-pattern\[\]|install-(?:strategy|links)|(?:link|prefer|inject)-workspace-packages|min(?:imum)?-release-age)\s*=[\t\x20-\x7e]*$/,
  rest: 'block',
});

/** A version that does not come from a registry: it can be any program at all. */
export const FROM_ELSEWHERE: RegExp =
  /(?:^|[\s"':@])(?:file|link|portal|patch|exec|npm|git|github|gitlab|bitbucket|https?|ssh|git\+\w+):|["'\s:][.~]?\.?\/|["'\s][\w.-]+\/[\w.-]+(?:#|["'\s]|$)/;

const key =
  (harmless: RegExp, warn: RegExp) =>
  (name: string, text: string): Weight => {
    if (warn.test(name)) return 'warn';
    if (!harmless.test(name)) return 'block';
    return /^(?:catalogs?|overrides)$/.test(name) && FROM_ELSEWHERE.test(text.replace(/^[^:]*:/, ' '))
      ? 'block'
      : 'harmless';
  };

const PNPM = key(
  /^(?:catalogs?|overrides|(?:only|ignored|never)Built\w+|allowBuilds|strictDepBuilds|minimumReleaseAge\w*|trustPolicy\w*|autoInstallPeers|peerDependencyRules|updateConfig|auditConfig|save\w+|engineStrict|dedupePeerDependents|resolutionMode|allowedDeprecatedVersions)$/,
  /^(?:packages|publicHoistPattern|hoist\w*|shamefullyHoist|nodeLinker|patchedDependencies|packageExtensions|(?:link|prefer|inject)WorkspacePackages|registr\w+)$/,
);
const YARN = key(
  /^(?:catalogs?|compressionLevel|defaultSemverRangePrefix|enable(?:Telemetry|Colors|ProgressBars|GlobalCache|Hyperlinks|ImmutableInstalls|MessageNames)|logFilters|httpTimeout|httpRetry|supportedArchitectures|npmMinimalAgeGate|npmPreapprovedPackages)$/,
  /^(?:nodeLinker|pnpMode|nmMode|nmHoistingLimits|npm\w+|checksumBehavior|packageExtensions|cacheFolder|approvedGitRepositories)$/,
);

const section =
  (levels: { readonly harmless?: RegExp; readonly warn?: RegExp; readonly rest: Weight }, always?: RegExp) =>
  (name: string, text: string): Weight => {
    if (always?.test(text) === true) return levels.rest === 'block' ? 'block' : 'warn';
    if (levels.harmless?.test(name) === true) return 'harmless';
    return levels.warn?.test(name) === true ? 'warn' : levels.rest;
  };

const PYTHON_PROGRAM = /^\s*["']?(?:pytest|py\.test|tox|nox|coverage|python[\d.]*|pip|uv)["']?\s*=/;
/** `pytest @ file:…`, `pytest = { path = … }`. */
const PYTHON_RUNNER_ELSEWHERE =
  /(?:^|["'\s])(?:pytest|coverage|tox|nox|pluggy|nose2|iniconfig)(?:-[\w-]+)?["']?\s*(?:\[[\w,\s-]*\])?\s*(?:@\s*\S|=\s*\{.*\b(?:path|git|url|file|workspace)\s*=)/i;
const pyproject = (name: string, text: string): Weight => {
  if (PYTHON_RUNNER_ELSEWHERE.test(text)) return 'block';
  if (/^build-system$/.test(name)) return /\bbackend-path\b/.test(text) ? 'warn' : 'harmless';
  if (
    /^tool\.(?:uv\.(?:index|pip)|poetry\.(?:source|build)|pdm\.build|setuptools\.cmdclass|hatch\.(?:build|metadata)\.(?:.+\.)?hooks(?:\..+)?)$/.test(
      name,
    )
  )
    return 'warn';
  if (name === 'tool.uv') return /^\s*["']?(?:\w+-)*(?:index|links|python)\b/.test(text) ? 'warn' : 'harmless';
  if (/^project\.(?:gui-)?scripts$|^tool\.poetry\.scripts$/.test(name) && PYTHON_PROGRAM.test(text)) return 'block';
  if (/^project$/.test(name)) return /(?:^|[{,\s])(?:(?:gui-)?scripts|entry-points)\b/.test(text) ? 'warn' : 'harmless';
  const told =
    /^[?]?$|^tool$|^project\.entry-points\.pytest11|^tool\.(?:pytest|tox|nox|coverage|poe|taskipy|nose2|ward)(?:\.|$)|^tool\.hatch\.envs(?:\.|$)|^tool\.(?:pdm|rye)\.scripts|^tool\.(?:pixi|poetry\.plugins\.pytest11)/;
  return told.test(name) ? 'warn' : 'harmless';
};

const lines = (levelOf: (text: string) => Weight) => (text: string) => byLine(text, levelOf);
const WRAPPER = line({
  harmless: /^\s*(?:zipStore\w*|distribution(?:Base|Path)|networkTimeout|validateDistributionUrl)\s*=/,
  warn: /^\s*(?:distributionSha256Sum|wrapperSha256Sum|wrapperVersion|distributionType|(?:distributionUrl|wrapperUrl)\s*=\s*https\\?:\/\/(?:services\.gradle\.org|repo\.maven\.apache\.org|repo1\.maven\.org)\/[\w./-]+)\s*(?:=.*)?$/,
  rest: 'block',
});

const GEMFILE = line({
  harmless:
    /^\s*(?:gem\s*\(?['"][\w-]+['"](?:\s*,\s*(?:['"][~><=!\s\w.-]+['"]|(?:require|groups?|platforms?)\s*:\s*(?:false|true|:\w+|['"][\w/-]+['"]|(?:%i)?\[[:\w\s,]*\])))*\s*\)?\s*(?:#.*)?|source\s*\(?['"]https:\/\/rubygems\.org\/?['"]\)?|(?:group|platforms?)\s*\(?[\s:\w,]+\)?\s*do|end|gemspec|ruby\s+['"][~>\s\d.]+['"])\s*$/,
  block: /\b(?:rspec|minitest|rake|cucumber|test-unit)[\w-]*['"].*\b(?:path|git|github|gist|bitbucket|gitlab|source)\b/,
  rest: 'warn',
});
const BUNDLE_CONFIG = line({
  harmless:
    /^(?:---|BUNDLE_(?:JOBS|RETRY|TIMEOUT|FROZEN|DEPLOYMENT|CLEAN|CACHE_ALL\w*|DISABLE_VERSION_CHECK|FORCE_RUBY_PLATFORM|SPECIFIC_PLATFORM)\s*:.*)$/,
  warn: /^BUNDLE_(?:WITH|WITHOUT|BUILD__\w+|MIRROR__\w+)\s*:/,
  rest: 'block',
});
/** Memory, collectors and open modules; whatever else may bring an agent. */
const JVM_OPTIONS = line({
  harmless:
    /^\s*(?:(?:-J)?(?:-X(?:m[snx]|ss)\w+|-XX:(?:Max|Initial|Min)?(?:Metaspace|ReservedCodeCache|NewSize|PermSize|RAMPercentage)[\w.]*=[\w.]+|-XX:[+-]Use\w+|-Dfile\.encoding=[\w-]+|--(?:add-(?:opens|exports)|enable-native-access)[\s=][\w./=-]+|--sun-misc-unsafe-memory-access=\w+)\s*)+$/,
  rest: 'block',
});
const mise = (name: string, text: string): Weight =>
  /^(?:hooks|plugins)(?:\.|$)|^[?]$/.test(name) ||
  /["'\s]path:|_\.(?:path|source|file)\b|(?:^|[\s{,"'.])(?:_|PATH)["']?\s*=/.test(text)
    ? 'block'
    : 'warn';
const PIPFILE = (name: string, text: string): Weight => {
  if (PYTHON_RUNNER_ELSEWHERE.test(text)) return 'block';
  return /^(?:dev-)?packages$|^requires$/.test(name) ? 'harmless' : 'warn';
};
/** Runners in the place of a key: `"paths": { "expect": ["./mine.ts"] }`; or a file of settings that is named otherwise, and not looked at. */
const tsconfig = (text: string): Weight =>
  /"extends"\s*:[^\]]*"\.{0,2}\/(?:[^"]*\/)?(?![tj]sconfig[^"/]*")[^"/]+"/.test(text) ||
  [...text.matchAll(/"([^"]+)"\s*:/g)].some(([, name = '']) => name === 'require' || isRunnerPackage(name))
    ? 'warn'
    : 'harmless';

export const SETTINGS: readonly SettingsFile[] = [
  {
    file: /(?:^|\/)\.npmrc$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    why: 'the shell, options of node, the registry: all of npm can be set here',
    read: lines(NPMRC),
  },
  {
    file: /(?:^|\/)pnpm-workspace\.ya?ml$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    why: 'shells, hooks, patches and plugins of pnpm',
    read: (text) => byTopKey(text, PNPM),
  },
  {
    file: /(?:^|\/)\.yarnrc\.yml$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    why: 'yarnPath and plugins are code that yarn runs',
    read: (text) => byTopKey(text, YARN),
  },
  {
    file: /(?:^|\/)\.yarnrc$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    why: 'yarn-path and script-shell of yarn 1',
    read: lines(
      line({
        harmless: /^(?:lastUpdateCheck|save-prefix|network-timeout)\s/,
        warn: /^"?(?:@[\w-]+:)?registry"?\s/,
        rest: 'block',
      }),
    ),
  },
  {
    file: /(?:^|\/)bunfig\.toml$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    why: 'bun loads what preload names, and takes its shell from here',
    read: (text) => bySection(text, section({ warn: /^(?:install|test)(?:\.|$)/, rest: 'block' }, /preload/)),
  },
  {
    file: /(?:^|\/)\.cargo\/config(?:\.toml)?$/i,
    readBy: ['rust'],
    name: 'how cargo builds and runs',
    why: 'a runner stands in for every test binary, a wrapper for the compiler',
    read: (text) =>
      bySection(
        text,
        section({
          harmless: /^(?:net|http|registr(?:y|ies)|term|cache|cargo-new|future-incompat-report)(?:\.|$)/,
          warn: /^(?:source|profile)(?:\.|$)/,
          rest: 'block',
        }),
      ),
  },
  {
    file: /(?:^|\/)rust-toolchain(?:\.toml)?$/i,
    readBy: ['rust'],
    name: 'which cargo runs',
    why: 'rustup takes the toolchain, or the path of one, from here',
    read: lines(line({ block: /path/, rest: 'warn' })),
  },
  {
    file: /(?:^|\/)gradle-wrapper\.properties$/i,
    readBy: ['gradle'],
    name: 'which build tool runs',
    why: 'the wrapper downloads the build tool from the address here',
    read: lines(WRAPPER),
  },
  {
    file: /(?:^|\/)maven-wrapper\.properties$/i,
    readBy: ['maven'],
    name: 'which build tool runs',
    why: 'the wrapper downloads the build tool from the address here',
    read: lines(WRAPPER),
  },
  {
    file: /(?:^|\/)pyproject\.toml$/i,
    readBy: ['python'],
    name: 'its test settings',
    why: 'settings of runners, programs in their names, and where they come from',
    read: (text) => bySection(text, pyproject),
  },
  {
    file: /(?:^|\/)Cargo\.toml$/i,
    readBy: [],
    name: 'its test settings',
    why: 'a test without a harness is any program; a patch is any crate',
    read: (text) =>
      bySection(
        text,
        section(
          { warn: /^[?]?$|^(?:test|patch|replace|profile\.test)(?:\.|$)/, rest: 'harmless' },
          /^\s*(?:autotests|harness|test|doctest|build|default-run|default-members)\s*=/,
        ),
      ),
  },
  {
    file: /(?:^|\/)go\.mod$/i,
    readBy: [],
    name: 'its replacements',
    why: 'a replacement is any module, a toolchain any compiler on the PATH',
    read: lines(
      line({
        warn: /=>|^\s*(?:replace|tool|toolchain|godebug|ignore)\b/,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)(?:pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.properties|build\.sbt)$/i,
    readBy: [],
    name: 'its test settings',
    why: 'builds can skip tests, or let them fail',
    read: lines(
      line({
        warn: /ignoreFailures|failureIgnore|failure\.ignore|skip(?:Tests|ITs|Exec)?\b|maven\.test|failIfNo|enabled\s*=|onlyIf|exclude|surefire|failsafe|includeBuild|pluginManagement|init-?script|forkOptions|argLine|<jvm>|systemPath|Test\s*\//i,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)gradle\.properties$/i,
    readBy: ['gradle'],
    name: 'how the build tool runs',
    why: 'an agent, another Java or a hook of the JVM runs inside the build',
    read: lines(
      line({
        block:
          /javaagent|agent(?:lib|path)|org\.gradle\.java\.(?:home|installations\.paths)|-XX:(?:On|Flags|VMOptions)|@/,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)(?:\.mvn\/jvm\.config|\.jvmopts|\.sbtopts|\.mill-(?:jvm-)?opts)$/i,
    readBy: ['maven', 'jvm'],
    name: 'how the build tool runs',
    why: 'options of the JVM that runs the build: an agent is any code',
    read: lines(JVM_OPTIONS),
  },
  {
    file: /(?:^|\/)\.tool-versions$/i,
    readBy: ALL_FAMILIES,
    name: 'which version of a tool runs',
    why: 'shims of asdf and mise run what a path leads to in place of the installed tool',
    read: lines(line({ block: /\spath:/, rest: 'warn' })),
  },
  {
    file: /(?:^|\/)\.prototools$/i,
    readBy: ALL_FAMILIES,
    name: 'which version of a tool runs',
    why: 'shims of proto load a plugin from here, which is code',
    read: lines(line({ block: /["'](?:\w+:)|source\s*=/, rest: 'warn' })),
  },
  {
    file: /(?:^|\/)(?:CMakeLists\.txt|(?!CTest)[\w-]+\.cmake|meson\.(?:build|options))$/i,
    readBy: [],
    name: 'its test settings',
    why: 'a test can be expected to fail, switched off, or be run by any program',
    read: lines(
      line({
        warn: /add_test|tests?_properties|will_fail|enable_testing|discover_tests|compiler_launcher|\bdisabled\b|should_fail|exe_wrapper|\bworkdir\s*:/i,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)\.python-versions?$/i,
    readBy: ['python'],
    name: 'which version of a tool runs',
    why: 'uv takes an interpreter by its path from here',
    read: lines(line({ block: /[/\\]/, rest: 'warn' })),
  },
  {
    file: /(?:^|\/)(?:\.?(?:mise|rtx)(?:\.[\w-]+)*|\.?mise\/(?:config(?:\.[\w-]+)*|conf\.d\/[\w.-]+))\.toml$/i,
    readBy: ALL_FAMILIES,
    name: 'which version of a tool runs',
    why: 'shims of mise run tools from a path, and put variables and directories before a command',
    read: (text) => bySection(text, mise),
  },
  {
    file: /(?:^|\/)Pipfile$/i,
    readBy: ['python'],
    name: 'its test settings',
    why: 'scripts of pipenv, and where a runner comes from',
    read: (text) => bySection(text, PIPFILE),
  },
  {
    file: /(?:^|\/)[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)$/i,
    readBy: ['python'],
    name: 'where packages come from',
    why: 'pip takes a runner from a directory or an index that stands here',
    read: lines(
      line({
        block: PYTHON_RUNNER_ELSEWHERE,
        warn: /^\s*(?:-i|-f|--(?:index-url|extra-index-url|find-links|trusted-host|no-index|pre))\b/,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)(?:Gemfile|gems\.rb)$/i,
    readBy: ['ruby'],
    name: 'where packages come from',
    why: 'bundler runs it as Ruby, and takes a runner from where it says',
    read: lines(GEMFILE),
  },
  {
    file: /(?:^|\/)\.bundle\/config$/i,
    readBy: ['ruby'],
    name: 'how scripts are run',
    why: 'another Gemfile, and another directory of programs',
    read: lines(BUNDLE_CONFIG),
  },
  {
    file: /(?:^|\/)(?:MODULE\.bazel|WORKSPACE(?:\.bazel)?)$/i,
    readBy: [],
    name: 'where packages come from',
    why: 'an override, a repository or a toolchain is any program',
    read: lines(
      line({
        warn: /_override\b|local_repository|http_archive|register_(?:toolchains|execution_platforms)/,
        rest: 'harmless',
      }),
    ),
  },
  {
    file: /(?:^|\/)[tj]sconfig(?:\.[\w-]+)?\.json$/i,
    readBy: [],
    name: 'where modules come from',
    why: 'tsx and ts-node load what paths and require name in place of an installed package',
    read: lines(tsconfig),
  },
  {
    file: /(?:^|\/)mix\.exs$/i,
    readBy: [],
    name: 'its test settings',
    why: 'an alias of test is any task',
    read: lines(
      line({ warn: /\baliases\b|\btest_\w+:|\btest:|elixirc_paths|preferred_(?:cli_env|envs)/, rest: 'harmless' }),
    ),
  },
  {
    // The work tree holds other bytes than the object that is read here.
    file: /(?:^|\/)\.gitattributes$/i,
    readBy: ALL_FAMILIES,
    name: 'how files are written into the work tree',
    why: 'the tree that runs is not the tree that is read',
    read: lines(line({ block: /working-tree-encoding/, rest: 'harmless' })),
  },
  {
    file: /(?:^|\/)deno\.jsonc?$/i,
    readBy: [],
    name: '',
    why: 'tasks and permissions of deno',
    read: lines(line({ harmless: /^\s*"[^"]+"\s*:\s*"(?:npm|jsr):[^"]*",?\s*$|^\s*"version"\s*:/, rest: 'warn' })),
  },
];
