/**
 * Files that no path rule ever covers: they decide what is installed, built, tested or checked, wherever they lie. A change of one
 * of them is tested by the whole trusted command. Too long a list costs a test run, too short a one a silent pass.
 */

const NAMES: readonly string[] = [
  'gatehouse\\.ya?ml',
  // What is installed: manifests, lockfiles, settings of package managers.
  'package(?:-lock)?\\.json',
  'npm-shrinkwrap\\.json',
  '(?:pnpm-lock|pnpm-workspace)\\.ya?ml',
  'yarn\\.lock',
  'bun\\.lockb?',
  'bunfig\\.toml',
  'deno\\.(?:jsonc?|lock)',
  '\\.(?:npmrc|yarnrc|yarnrc\\.yml|pnpmfile\\.[cm]?js|pnp\\.[\\w.]+)',
  'lerna\\.json|rush\\.json|nx\\.json|project\\.json|turbo\\.jsonc?',
  'pyproject\\.toml|setup\\.(?:py|cfg)|pipfile(?:\\.lock)?|(?:poetry|uv|pdm|pixi)\\.(?:lock|toml)',
  '[\\w.-]*(?:requirements|constraints)[\\w.-]*\\.(?:txt|in)',
  'go\\.(?:mod|sum|work|work\\.sum)',
  'cargo\\.(?:toml|lock)|rust-toolchain(?:\\.toml)?|build\\.rs|nextest\\.toml',
  'gemfile(?:\\.lock)?|[\\w.-]+\\.gemspec|composer\\.(?:json|lock)',
  'pom\\.xml|[\\w.-]+\\.gradle(?:\\.kts)?|gradle\\.(?:properties|lockfile)|(?:gradlew|mvnw)(?:\\.bat|\\.cmd)?',
  '[\\w.-]+\\.(?:csproj|fsproj|vbproj|sln|props|targets|runsettings)|packages\\.lock\\.json|global\\.json|nuget\\.config',
  'mix\\.(?:exs|lock)|package\\.resolved|podfile(?:\\.lock)?|pubspec\\.(?:yaml|lock)',
  // How it is built and tested.
  '(?:gnu)?makefile|[\\w.-]+\\.mk|cmakelists\\.txt|[\\w.-]+\\.cmake|meson\\.build|\\.?justfile|taskfile\\.ya?ml|rakefile',
  'build(?:\\.bazel)?|workspace(?:\\.bazel)?|module\\.bazel|[\\w.-]*\\.bazelrc|\\.bazelversion|[\\w.-]+\\.bzl',
  '[\\w.-]+\\.(?:config|conf|preset|setup)\\.(?:[cm]?[jt]sx?|json|ya?ml)',
  '[\\w.-]*\\.?(?:tsconfig|jsconfig)[\\w.-]*\\.json',
  '\\.(?:mocharc|nycrc|c8rc|taprc|babelrc|swcrc|eslintrc|coveragerc|rspec|simplecov|luacheckrc)[\\w.-]*',
  'mocha\\.opts|jasmine\\.json|cypress\\.json|vitest\\.workspace\\.\\w+',
  '\\.?pytest\\.(?:ini|toml)|tox\\.(?:ini|toml)|noxfile\\.py|conftest\\.py|(?:site|user)customize\\.py|[\\w.-]+\\.pth',
  'phpunit[\\w.-]*\\.xml(?:\\.dist)?|cucumber\\.ya?ml|junit-platform\\.properties|ctestcustom\\.cmake',
  // Where it runs, and what decides about it.
  '(?:[\\w.-]+\\.)?(?:docker|container)file[\\w.-]*|(?:\\w+-)?compose[\\w.-]*\\.ya?ml|\\.(?:docker|container)ignore',
  'docker-bake[\\w.-]*\\.(?:hcl|json)|earthfile|\\.devcontainer\\.json|flake\\.(?:nix|lock)|shell\\.nix|default\\.nix',
  '\\.(?:tool-versions|nvmrc|node-version|python-version|ruby-version|java-version|sdkmanrc|envrc|env[\\w.-]*)|\\.?mise[\\w.-]*\\.toml',
  '\\.git(?:attributes|modules|ignore)|codeowners|\\.gitleaks\\.toml|\\.pre-commit-config\\.ya?ml|lefthook[\\w.-]*',
  '\\.gitlab-ci[\\w.-]*\\.ya?ml|jenkinsfile[\\w.-]*|azure-pipelines[\\w.-]*\\.ya?ml|\\.(?:travis|drone|appveyor|cirrus|woodpecker)\\.ya?ml',
];
const FOLDERS: readonly string[] = [
  '\\.(?:github|gitlab|gitea|forgejo|circleci|buildkite|woodpecker|husky|ci)',
  '\\.(?:cargo|config|mvn|yarn|moon|devcontainer)',
  'gradle|node_modules|site-packages|dist-packages|vendor',
];

/** Case counts for nothing here: a file system may think so, too. */
const TRUST = new RegExp(`(?:^|/)(?:${NAMES.join('|')})$|(?:^|/)(?:${FOLDERS.join('|')})/`, 'i');

/** Whether the file decides what is checked or run. */
export const isTrustPath = (path: string): boolean => TRUST.test(path);

const PROSE = /\.(?:md|markdown|txt|rst|adoc|html?|css|csv|svg|png|jpe?g|gif|webp|pdf)$/i;

/** A file that a command may name and still judge: it is read, and decides nothing. */
export const isProse = (path: string): boolean => PROSE.test(path) && !isTrustPath(path);
