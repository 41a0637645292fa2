/** Every row of the tables of deciding files, and neighbours that look like them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DECIDING_FILES } from '../src/gate-definition/deciding-files.ts';
import { SETTINGS } from '../src/gate-definition/settings-files.ts';
import { PlantedBranches, type PlantedFiles } from './planted-branches.ts';

type Said = 'stops' | 'tells' | 'nothing';
/** The command of main, what of it is said, the path that the branch brings or changes, and its text. */
type Row = readonly [string, Said, string, PlantedFiles[string]?];

const NOTICED: readonly Row[] = [
  ['yarn test', 'stops', '.yarn/releases/yarn-4.9.1.cjs'],
  ['yarn test', 'stops', 'app/.yarn/plugins/mine.cjs'],
  ['yarn test', 'stops', '.yarnrc', 'yarn-path "./mine.js"\n'],
  ['yarn test', 'stops', '.yarnrc.yml', 'yarnPath: ./mine.cjs\n'],
  ['yarn test', 'stops', '.yarnrc.yml', 'plugins:\n  - ./mine.cjs\n'],
  ['yarn test', 'stops', '.corepack.env', 'COREPACK_ENABLE_UNSAFE_CUSTOM_URLS=1\n'],
  ['yarn test', 'stops', '.pnp.loader.mjs'],
  ['yarn test', 'tells', '.pnp.cjs'],
  ['yarn test', 'tells', '.yarn/unplugged/jest-npm-30.0.0/node_modules_/jest.js'],
  ['yarn test', 'tells', '.yarn/cache/jest-npm-30.0.0-0123456789.zip'],
  ['yarn test', 'tells', 'patches/jest+30.0.0.patch'],
  ['pnpm test', 'stops', '.pnpmfile.cjs'],
  ['pnpm test', 'stops', 'pnpmfile.mjs'],
  ['pnpm test', 'stops', '.pnpmfile.cjs/index.js'],
  ['pnpm test', 'stops', 'pnpm-workspace.yaml', 'scriptShell: ./mine\n'],
  ['pnpm test', 'stops', 'pnpm-workspace.yaml', 'configDependencies:\n  a: 1.0.0+sha512-x\n'],
  ['pnpm test', 'stops', 'package.json', '{"pnpm":{"overrides":{"jest":"file:./mine"}}}'],
  ['pnpm test', 'stops', 'package.json', '{"pnpm":{"configDependencies":{"a":"1.0.0+sha512-x"}}}'],
  ['pnpm test', 'stops', 'package.json', '{"packageManager":"yarn@https://example.org/yarn.js"}'],
  ['pnpm test', 'tells', 'package.yaml', 'scripts:\n  test: "true"\n'],
  ['npm test', 'stops', '.npmrc', 'script-shell=./mine\n'],
  ['npm test', 'stops', 'node_modules/.bin/jest'],
  ['bun test', 'stops', 'bunfig.toml', 'preload = ["./mine.ts"]\n'],
  ['npm test', 'tells', 'jest.config.ts'],
  ['npm test', 'tells', 'app/vitest.config.mts'],
  ['npm test', 'tells', 'vitest.setup.ts'],
  ['npm test', 'tells', 'turbo.json'],
  ['npm test', 'tells', 'gulpfile.js'],
  ['npm test', 'tells', 'tsconfig.json', '{"compilerOptions":{"paths":{"expect":["./mine.ts"]}}}'],
  ['deno task test', 'tells', 'import_map.json'],
  ['deno task test', 'tells', 'deno.json', '{"tasks":{"test":"true"}}'],

  ['pytest', 'stops', 'sitecustomize.py'],
  ['pytest', 'stops', 'src/usercustomize.pyc'],
  ['pytest', 'stops', 'sitecustomize/__init__.py'],
  ['pytest', 'stops', 'sitecustomize.cpython-312-x86_64-linux-gnu.so'],
  ['pytest', 'stops', '.venv/bin/pytest'],
  ['pytest', 'stops', 'venv/Scripts/python.exe'],
  ['pytest', 'stops', '.venv/lib/python3.12/site-packages/mine.pth'],
  ['pytest', 'stops', '__pypackages__/3.12/lib/pytest.py'],
  ['pytest', 'tells', 'conftest.py'],
  ['pytest', 'tells', 'tests/conftest.py'],
  ['pytest', 'tells', 'tests/conftest.py', { link: '../mine.py' }],
  ['pytest', 'tells', 'pytest.ini'],
  ['pytest', 'tells', 'setup.cfg'],
  ['pytest', 'tells', 'tox.ini'],
  ['pytest', 'tells', 'setup.py'],
  ['pytest', 'tells', 'uv.toml'],
  ['pytest', 'tells', 'tests/__pycache__/test_a.cpython-312.pyc'],
  ['pytest', 'tells', 'pyproject.toml', '[tool.pytest.ini_options]\naddopts = "--co"\n'],
  ['pytest', 'tells', 'pyproject.toml', '[build-system]\nbackend-path = ["."]\n'],
  ['pytest', 'tells', 'pyproject.toml', '[[tool.uv.index]]\nurl = "https://example.org/simple"\n'],
  ['pytest', 'stops', 'pyproject.toml', '[tool.uv.sources]\npytest = { path = "mine" }\n'],
  ['pytest', 'stops', 'pyproject.toml', '[dependency-groups]\ntest = [\n  "pytest @ file:///mine",\n]\n'],
  ['pytest', 'stops', 'requirements-dev.txt', 'pytest-cov @ git+https://example.org/x\n'],
  ['pytest', 'tells', 'requirements.txt', '--extra-index-url https://example.org/simple\n'],
  ['pytest', 'stops', 'Pipfile', '[dev-packages]\npytest = {path = "./mine"}\n'],
  ['pytest', 'tells', 'Pipfile', '[scripts]\ntest = "true"\n'],
  ['pytest', 'tells', 'pyproject.toml', '[tool.uv]\nindex-url = "https://example.org/simple"\n'],
  ['pytest', 'tells', 'pyproject.toml', '[tool.hatch.build.hooks.custom]\npath = "mine.py"\n'],
  ['uv run pytest', 'stops', '.python-version', './mine/bin/python\n'],
  ['uv run pytest', 'tells', '.python-version', '3.13\n'],

  ['go test ./...', 'tells', 'go.mod', 'module x\ntoolchain go1.99.0-mine\n'],
  ['go test ./...', 'tells', 'go.mod', 'module x\nreplace a => ./mine\n'],
  ['go test ./...', 'tells', 'go.work', 'use ./mine\n'],
  ['go test ./...', 'tells', 'vendor/modules.txt'],
  ['go test ./...', 'tells', 'vendor/github.com/stretchr/testify/assert/assertions.go'],
  ['cargo test', 'stops', '.cargo/config.toml', '[target.x]\nrunner = "true"\n'],
  ['cargo test', 'stops', '.cargo/config', '[build]\nrustc-wrapper = "./mine"\n'],
  ['cargo test', 'stops', 'rust-toolchain', '[toolchain]\npath = "/mine"\n'],
  ['cargo test', 'tells', 'rust-toolchain.toml', '[toolchain]\nchannel = "nightly"\n'],
  ['cargo test', 'tells', 'Cargo.toml', '[[test]]\nharness = false\n'],
  ['cargo test', 'tells', 'build.rs'],

  ['./gradlew test', 'stops', 'gradle/wrapper/gradle-wrapper.jar'],
  [
    './gradlew test',
    'stops',
    'gradle/wrapper/gradle-wrapper.properties',
    'distributionUrl=https\\://example.org/x.zip\n',
  ],
  ['./gradlew test', 'stops', 'gradle.properties', 'org.gradle.jvmargs=-javaagent:mine.jar\n'],
  ['./gradlew test', 'stops', 'gradle.properties', 'org.gradle.java.home=mine\n'],
  ['./gradlew test', 'tells', 'build.gradle.kts', 'tasks.test { ignoreFailures = true }\n'],
  ['./gradlew test', 'tells', 'buildSrc/src/main/java/A.java'],
  ['./mvnw test', 'stops', '.mvn/wrapper/maven-wrapper.properties', 'distributionUrl=https://example.org/x.zip\n'],
  ['./mvnw test', 'stops', '.mvn/wrapper/maven-wrapper.jar'],
  ['./mvnw test', 'stops', '.mvn/extensions.xml'],
  ['mvn test', 'stops', '.mvn/maven.config', '-DskipTests\n'],
  ['mvn test', 'stops', '.mvn/jvm.config', '-javaagent:mine.jar\n'],
  // A wrapper of base is known, whatever its script says; the other build tool is not reached.
  ['./gradlew test', 'tells', '.mvn/maven.config', '-DskipTests\n'],
  ['./mvnw test', 'tells', 'gradle/wrapper/gradle-wrapper.jar'],
  ['sbt test', 'stops', '.sbtopts', '-J-javaagent:mine.jar\n'],
  ['sbt test', 'tells', 'project/build.properties', 'sbt.version=9\n'],

  ['bundle exec rspec', 'stops', '.bundle/config', '---\nBUNDLE_GEMFILE: "mine/Gemfile"\n'],
  ['bundle exec rspec', 'stops', 'vendor/bundle/ruby/3.3.0/gems/rspec-core-3.13.0/exe/rspec'],
  ['bundle exec rspec', 'stops', 'Gemfile', "gem 'rspec', path: 'mine'\n"],
  ['bundle exec rspec', 'tells', 'Gemfile', "gem 'rails', require: system('mine')\n"],
  ['bundle exec rspec', 'tells', '.rspec', '--require ./mine\n'],
  ['vendor/bin/phpunit', 'stops', 'vendor/bin/phpunit'],
  ['vendor/bin/phpunit', 'stops', 'vendor/composer/installed.json'],
  ['vendor/bin/phpunit', 'stops', 'composer.json', '{"config":{"vendor-dir":"mine"}}'],
  ['vendor/bin/phpunit', 'tells', 'composer.json', '{"repositories":[{"type":"path","url":"mine"}]}'],
  ['vendor/bin/phpunit', 'tells', 'composer.json', '{"autoload-dev":{"files":["mine.php"]}}'],
  ['vendor/bin/phpunit', 'tells', 'phpunit.xml', '<phpunit bootstrap="mine.php"/>'],
  ['dotnet test', 'stops', 'Directory.Build.rsp', '/p:VSTestTestCaseFilter=none\n'],
  ['dotnet test', 'tells', 'nuget.config'],
  ['mix test', 'tells', 'mix.exs', 'def project, do: [aliases: [test: "mine"]]\n'],
  ['bazel test //...', 'stops', 'tools/bazel'],
  ['bazel test //...', 'tells', '.bazelrc', 'test --run_under=true\n'],
  ['bazel test //...', 'tells', 'MODULE.bazel', 'local_path_override(module_name = "x", path = "mine")\n'],
  ['ctest', 'tells', 'CTestCustom.cmake'],
  ['make test', 'tells', 'Makefile', 'test:\n\ttrue\n'],

  ['npm test', 'stops', '.tool-versions', 'nodejs path:./mine\n'],
  ['npm test', 'tells', '.tool-versions', 'nodejs 24.0.0\n'],
  ['npm test', 'stops', 'mise.toml', '[env]\n_.path = ["./mine"]\n'],
  ['npm test', 'stops', '.config/mise/config.toml', '[tools]\nnode = "path:./mine"\n'],
  ['npm test', 'tells', '.mise.local.toml', '[tools]\nnode = "24"\n'],
  ['npm test', 'tells', '.nvmrc', '24\n'],
  ['npm test', 'tells', '.node-version', '24\n'],
  ['direnv exec . npm test', 'stops', '.envrc', 'PATH_add mine\n'],
  ['npm test', 'tells', '.envrc', 'PATH_add mine\n'],
  ['npm test', 'tells', '.env', 'NODE_OPTIONS=--require ./mine.js\n'],
  ['npm test', 'stops', '.gitattributes', '.npmrc working-tree-encoding=UTF-16\n'],
  ['npm test', 'tells', 'gatehouse.yaml', 'version: 1\n'],

  // Spellings that some file systems, or some tools, take for one of these.
  ['npm test', 'stops', '.NPMRC', 'script-shell=./mine\n'],
  ['npm test', 'stops', '.npm\u200crc', 'script-shell=./mine\n'],
  ['npm test', 'stops', '.npmrc.', 'script-shell=./mine\n'],
  ['npm test', 'stops', '.npmrc::$DATA', 'script-shell=./mine\n'],
  ['cargo test', 'stops', '.cargo', { link: 'mine' }],
  ['cargo test', 'stops', 'app/.cargo', 'submodule'],
  ['mvn test', 'stops', '.mvn', { link: 'mine' }],
  ['./gradlew test', 'stops', 'gradle/wrapper', { link: '../mine' }],
  ['./gradlew test', 'stops', 'gradle', { link: 'mine' }],
  ['yarn test', 'stops', '.yarn', { link: 'mine' }],
  ['pytest', 'stops', '.venv', { link: 'mine' }],
  ['pytest', 'stops', '.venv/bin', { link: '../mine' }],
  ['bundle exec rspec', 'stops', '.bundle', { link: 'mine' }],
  ['vendor/bin/phpunit', 'stops', 'vendor', { link: 'mine' }],
  ['npm test', 'stops', '.config', { link: 'mine' }],
  ['bazel test //...', 'stops', 'tools', { link: 'mine' }],
  ['npm test', 'stops', '.npmrc', { link: 'mine' }],
  ['npm test', 'stops', '.npmrc', 'submodule'],
  ['npm test', 'stops', 'Node_Modules/.BIN/node'],
  ['npm test', 'stops', 'node_module\u017f/.bin/node'],
  ['pytest', 'tells', 'ConfTest.py'],
  ['pytest', 'tells', 'ｐytest.ini'],
  ['pytest', 'tells', 'conftest.py', 'submodule'],
  ['cargo test', 'stops', '.Cargo/Config.TOML', '[target.x]\nrunner = "true"\n'],
  ['sh ci//steps/../all.sh', 'tells', 'ci/all.sh'],
];

const INNOCENT: readonly Row[] = [
  ['npm test', 'nothing', 'docs/npmrc.md'],
  ['npm test', 'nothing', 'my.npmrc'],
  ['npm test', 'nothing', '.npmrc', 'fund=false\n'],
  ['npm test', 'nothing', '.npmrc/README.md'],
  ['npm test', 'nothing', 'src/jest.config.md'],
  ['npm test', 'nothing', 'src/setup.ts'],
  ['npm test', 'nothing', '.env.example'],
  ['npm test', 'nothing', 'environment/bin.ts'],
  ['npm test', 'nothing', 'tsconfig.json', '{"compilerOptions":{"strict":true,"paths":{"@/*":["./src/*"]}}}'],
  ['npm test', 'nothing', 'package.json', '{"version":"2.0.0","dependencies":{"zod":"4.1.0"}}'],
  ['npm test', 'nothing', 'patches/zod+4.0.0.patch'],
  ['npm test', 'nothing', 'src/näme with ümlaut.ts'],
  ['npm test', 'nothing', 'notes: a list.md'],
  ['pnpm test', 'nothing', 'pnpm-workspace.yaml', 'catalog:\n  zod: ^4.1.0\n'],
  ['yarn test', 'nothing', '.yarn/cache/zod-npm-4.1.0-0123456789.zip'],
  ['pytest', 'nothing', 'models/resnet.pth'],
  ['pytest', 'nothing', 'src/conftest_helper.py'],
  ['pytest', 'nothing', 'tests/test_conftest.py'],
  ['pytest', 'nothing', 'docs/pytest.ini.rst'],
  ['pytest', 'nothing', 'requirements.txt', 'pytest==8.4.2\nflask @ git+https://example.org/flask\n'],
  ['pytest', 'nothing', 'pyproject.toml', '[project]\ndependencies = ["pytest>=8"]\n[tool.ruff]\nline-length = 9\n'],
  ['pytest', 'nothing', 'Pipfile', '[packages]\nflask = "*"\npytest = "*"\n'],
  ['pytest', 'nothing', 'env/settings.py'],
  ['npm test', 'nothing', 'docs/vendor', { link: 'mine' }],
  ['pytest', 'nothing', 'data', { link: 'mine' }],
  ['cargo test', 'nothing', '.cargo', 'a file in its place\n'],
  // Go reads neither from the repository: recorded with go 1.26, which stays red beside GOFLAGS=-run=none in go.env.
  ['go test ./...', 'nothing', 'go.env', 'GOFLAGS=-run=none\n'],
  ['go test ./...', 'nothing', 'go.mod', 'module x\n\ngo 1.24\n\nrequire a v1.2.0\n'],
  ['go test ./...', 'nothing', 'vendor/github.com/a/b/c.go'],
  ['cargo test', 'nothing', '.cargo/config.toml', '[term]\ncolor = "always"\n'],
  ['cargo test', 'nothing', 'Cargo.toml', '[dependencies]\nserde = "1.0.220"\n'],
  ['./gradlew test', 'nothing', 'gradle.properties', 'org.gradle.jvmargs=-Xmx4g -XX:MaxMetaspaceSize=1g\nversion=2\n'],
  ['./gradlew test', 'nothing', 'gradle/libs.versions.toml', 'junit = "6"\n'],
  ['mvn test', 'nothing', '.mvn/jvm.config', '-Xmx2g --add-exports jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED\n'],
  ['mvn test', 'nothing', 'pom.xml', '<project>\n<version>2</version>\n</project>\n'],
  [
    'bundle exec rspec',
    'nothing',
    'Gemfile',
    "source 'https://rubygems.org'\ngem 'rails', '~> 8.0', require: false # ours\n",
  ],
  ['bundle exec rspec', 'nothing', '.bundle/config', '---\nBUNDLE_JOBS: "4"\n'],
  ['vendor/bin/phpunit', 'nothing', 'composer.json', '{"require":{"php":"^8.3"},"description":"x"}'],
  ['mix test', 'nothing', 'mix.exs', 'def project, do: [version: "2.0.0"]\n'],
  ['bazel test //...', 'nothing', 'MODULE.bazel', 'bazel_dep(name = "rules_go", version = "0.60.0")\n'],
];

const titleOf = ([command, said, path, text]: Row): string =>
  `${command}: ${said}: ${JSON.stringify(path)} ${text === undefined ? '' : JSON.stringify(text)}`;

describe('a branch that touches a file of the judge', () => {
  const all = [...NOTICED, ...INNOCENT];
  let planted: PlantedBranches;
  beforeAll(() => {
    const branches = all.map((row): [string, PlantedFiles] => [titleOf(row), { [row[2]]: row[3] ?? 'x\n' }]);
    planted = new PlantedBranches(
      { 'build.gradle': '', 'pom.xml': '', mvnw: '#!/bin/sh\nexec java mine\nanything\n' },
      new Map(branches),
    );
  });
  afterAll(() => planted.close());

  test.each(all.map((row) => [titleOf(row), row] as const))('%s', async (title, [command, said]) => {
    const { stops, tells } = await planted.judge(title, command);
    expect([stops.length > 0, tells.length > 0]).toEqual([said === 'stops', said === 'tells']);
  });
});

test('every row has a reason, and a branch above that it notices', () => {
  const rows = [...DECIDING_FILES, ...SETTINGS];
  expect(rows.length).toBeGreaterThan(60);
  const paths = NOTICED.map(([, , path]) => path);
  const unmet = rows.filter(({ file, why }) => why.length < 10 || !paths.some((path) => file.test(path)));
  expect(unmet.map(({ file, why }) => `${file.source}: ${why}`)).toEqual([]);
});
