/** Programs and packages a test command may run, by the family of tools that resolves them. */

export type Family =
  | 'npm'
  | 'node'
  | 'python'
  | 'go'
  | 'rust'
  | 'maven'
  | 'gradle'
  | 'jvm'
  | 'ruby'
  | 'php'
  | 'dotnet'
  | 'bazel'
  | 'versions'
  | 'container';

const PROGRAMS: { readonly [Name in Family]: RegExp } = {
  npm: /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|bunx?|corepack|turbo|lerna|nx|npm-run-all2?|run-[sp]|concurrently|cross-env(?:-shell)?|dotenv|wireit|rush|lage|moon|wsrun)$/,
  node: /^(?:node|nodejs|deno|jest|vitest|mocha|ava|tap|tape|c8|nyc|jasmine|karma|cypress|playwright|uvu|tsx|ts-node|tsc|eslint|prettier|biome|xo|standard|vite)$/,
  python:
    /^(?:(?:python|pypy|pip)[\d.]*|py|pytest|py\.test|tox|nox|uvx?|poetry|pipenv|pdm|hatch|coverage|nose2|nosetests|trial|stestr|ward|rye|pixi|mypy|ruff|flake8|pylint|black)$/,
  go: /^(?:go|gofmt|gotestsum|ginkgo|golangci-lint)$/,
  rust: /^(?:cargo|rustc|rustup|rustfmt|cross)$/,
  maven: /^(?:mvnw?|mvnd)$/,
  gradle: /^gradlew?$/,
  jvm: /^(?:java|sbt|sbtn|scala|mill|ant|lein)$/,
  ruby: /^(?:ruby|rspec|rake|bundle|rails|cucumber|gem)$/,
  php: /^(?:php|phpunit|composer|pest|phpstan)$/,
  dotnet: /^dotnet$/,
  bazel: /^(?:bazel|bazelisk|buck2?|pants)$/,
  versions: /^(?:mise|rtx|asdf|proto|direnv|devbox|devenv)$/,
  container: /^(?:(?:docker|podman)(?:-compose)?|nerdctl|finch|buildah|devcontainer|earthly)$/,
};

/** What does no more than it says, and resolves nothing in the repository. */
const PLAIN =
  /^(?::|\[|cd|echo|true|false|set|export|test|exit|mkdir|rm|cp|mv|ln|ls|cat|printf|sleep|fi|done|esac|for|case|read|unset|ulimit|umask|trap|wait|grep|sed|awk|head|tail|tee|tr|wc|sort|touch|chmod|command|which|type|dirname|basename|date|pwd|git|diff|break|continue|return|shift)$/;
/** What stands before the program that is meant. */
const BEFORE =
  /^(?:\w+=.*|-.*|[\d.]+[smh]?|time|timeout|env|nice|ionice|exec|nohup|xvfb-run|stdbuf|setsid|if|then|else|elif|do|while|until|!|\{|\})$/s;
const SHELL = /^(?:sh|bash|dash|zsh|ksh)$/;

/** Files in the root that tell what a command of unknown reach is likely to run. */
const MARKS: readonly (readonly [RegExp, readonly Family[]])[] = [
  [/^package\.json$/, ['npm', 'node']],
  [/^(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|requirements.*\.txt|conftest\.py)$/, ['python']],
  [/^go\.(?:mod|work)$/, ['go']],
  [/^Cargo\.toml$/, ['rust']],
  [/^(?:pom\.xml|mvnw)$/, ['maven']],
  [/^(?:(?:build|settings)\.gradle(?:\.kts)?|gradlew)$/, ['gradle']],
  [/^(?:build\.(?:sbt|xml)|project\.clj)$/, ['jvm']],
  [/^(?:Gemfile|Rakefile)$/, ['ruby']],
  [/^composer\.json$/, ['php']],
  [/^(?:WORKSPACE|MODULE)(?:\.bazel)?$/, ['bazel']],
  [
    /^(?:(?:[\w-]+-)?compose(?:[.-][\w.-]+)?\.ya?ml|(?:[\w.-]+\.)?(?:Docker|Container)file(?:\.[\w.-]+)?|Earthfile|\.devcontainer(?:\.json)?)$/,
    ['container'],
  ],
];

/** Every family. */
export const ALL_FAMILIES = Object.keys(PROGRAMS) as readonly Family[];

export const programName = (word: string): string => word.split('/').at(-1) ?? '';

/** The program a simple command runs, as it is written; null when it only sets variables. */
export const headOf = (words: readonly string[]): string | null => words.find((word) => !BEFORE.test(word)) ?? null;

/** What starts a container starts whatever runs in it, too. */
const isFollowed = (head: string): boolean =>
  PLAIN.test(head) || ALL_FAMILIES.some((family) => family !== 'container' && PROGRAMS[family].test(head));

/**
 * The families that `commands` reach. A program that is not known could run any of them, and then the files in base's root
 * decide; without a file that tells of a language, all are reached.
 */
export function familiesOf(
  commands: readonly (readonly string[])[],
  root: ReadonlyMap<string, string>,
): ReadonlySet<Family> {
  const reached = new Set<Family>();
  let unknown = false;
  for (const words of commands) {
    const names = words.map(programName);
    for (const family of ALL_FAMILIES) if (names.some((name) => PROGRAMS[family].test(name))) reached.add(family);
    if (names.includes('node') && names.some((name) => /^--run(?:=|$)/.test(name))) reached.add('npm');
    const head = programName(headOf(words) ?? ':');
    if (!isFollowed(head) && !(SHELL.test(head) && words.includes('-c'))) unknown = true;
  }
  if (!unknown) return reached;
  const marked = MARKS.filter(([file]) => [...root.keys()].some((name) => file.test(name))).flatMap(([, of]) => of);
  const isTold = marked.some((family) => family !== 'container');
  for (const family of isTold ? marked : ALL_FAMILIES) reached.add(family);
  return reached;
}

/** Packages that run tests, judge what they see, or turn their sources into what runs. */
const RUNNERS =
  /^(?:@jest\/.+|jest(?:-.+)?|(?:babel|ts|esbuild)-jest|vitest|@vitest\/.+|vite|vite-node|mocha(?:-.+)?|ava|@ava\/.+|c8|nyc|tap|@tapjs\/.+|tape|jasmine(?:-.+)?|karma(?:-.+)?|uvu|cypress|playwright(?:-.+)?|@playwright\/.+|@web\/test-runner.*|qunit|tsx|ts-node|esbuild|@swc\/.+|@babel\/core|chai(?:-.+)?|expect|should|sinon|supertest|assert|power-assert|@testing-library\/.+|cross-env|npm|npx|pnpm|yarn|bun|deno|node|turbo|nx|lerna|npm-run-all2?|concurrently|wireit)$/;
const COMMON_PROGRAMS = /^(?:sh|bash|env|git|make|python[\d.]*|go|cargo|java|pytest|tsc)$/;

/** Whether a package of that name decides what a test run says. */
export const isRunnerPackage = (name: string): boolean => RUNNERS.test(name);

/** Whether a program of that name, put on the PATH, would be run in place of an installed one. */
export const isProgram = (name: string): boolean => RUNNERS.test(name) || COMMON_PROGRAMS.test(name);
