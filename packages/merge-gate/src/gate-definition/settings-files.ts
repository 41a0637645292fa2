/**
 * Settings with which a tool runs a script or a test otherwise than it is written. A key that is not known may do so; what is
 * harmless is listed, from the tools' manuals. How they spell a key was tried with npm 11.19, pnpm 10.34 and yarn 1.22.
 */
import { byLine, bySection, byTopKey, type DecidingText, type Weight } from './deciding-text.ts';
import { ALL_FAMILIES, type Family } from './programs.ts';

export interface SettingsFile {
  readonly file: RegExp;
  /** The tools that read it; where the command reaches none of them, a change is only told. Empty: whoever runs. */
  readonly readBy: readonly Family[];
  /** Only where a script runs: in the root and the directories the command goes to. */
  readonly whereRun?: true;
  /** What a change does, after the path. */
  readonly name: string;
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
const pyproject = (name: string, text: string): Weight => {
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

export const SETTINGS: readonly SettingsFile[] = [
  { file: /(?:^|\/)\.npmrc$/i, readBy: ['npm'], whereRun: true, name: HOW, read: lines(NPMRC) },
  {
    file: /(?:^|\/)pnpm-workspace\.ya?ml$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    read: (text) => byTopKey(text, PNPM),
  },
  {
    file: /(?:^|\/)\.yarnrc\.yml$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
    read: (text) => byTopKey(text, YARN),
  },
  {
    file: /(?:^|\/)\.yarnrc$/i,
    readBy: ['npm'],
    whereRun: true,
    name: HOW,
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
    read: (text) => bySection(text, section({ warn: /^(?:install|test)(?:\.|$)/, rest: 'block' }, /preload/)),
  },
  {
    file: /(?:^|\/)\.cargo\/config(?:\.toml)?$/i,
    readBy: ['rust'],
    name: 'how cargo builds and runs',
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
    read: lines(line({ block: /path/, rest: 'warn' })),
  },
  {
    file: /(?:^|\/)(?:gradle|maven)-wrapper\.properties$/i,
    readBy: ['jvm'],
    name: 'which build tool runs',
    read: lines(WRAPPER),
  },
  {
    file: /(?:^|\/)pyproject\.toml$/i,
    readBy: ['python'],
    name: 'its test settings',
    read: (text) => bySection(text, pyproject),
  },
  {
    file: /(?:^|\/)Cargo\.toml$/,
    readBy: [],
    name: 'its test settings',
    read: (text) =>
      bySection(
        text,
        section(
          { warn: /^[?]?$|^(?:test|patch|replace|profile\.test)(?:\.|$)/, rest: 'harmless' },
          /^\s*(?:autotests|harness|test|doctest|build|default-run)\s*=/,
        ),
      ),
  },
  {
    file: /(?:^|\/)go\.mod$/,
    readBy: [],
    name: 'its replacements',
    read: lines(line({ warn: /=>|^\s*(?:replace|tool|toolchain|ignore)\b/, rest: 'harmless' })),
  },
  {
    file: /(?:^|\/)(?:pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.properties|build\.sbt)$/,
    readBy: [],
    name: 'its test settings',
    read: lines(
      line({
        warn: /ignoreFailures|failureIgnore|failure\.ignore|skip(?:Tests|ITs|Exec)?\b|maven\.test|failIfNo|enabled\s*=|onlyIf|exclude|surefire|failsafe|includeBuild|pluginManagement|init-?script|forkOptions|Test\s*\//i,
        rest: 'harmless',
      }),
    ),
  },
  {
    // The work tree holds other bytes than the object that is read here.
    file: /(?:^|\/)\.gitattributes$/i,
    readBy: ALL_FAMILIES,
    name: 'how files are written into the work tree',
    read: lines(line({ block: /working-tree-encoding/, rest: 'harmless' })),
  },
  {
    file: /(?:^|\/)deno\.jsonc?$/,
    readBy: [],
    name: '',
    read: lines(line({ harmless: /^\s*"[^"]+"\s*:\s*"(?:npm|jsr):[^"]*",?\s*$|^\s*"version"\s*:/, rest: 'warn' })),
  },
];
