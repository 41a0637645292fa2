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

  // What a run left behind, or would leave: a result that is remembered, a program that is built.
  ['npm test', 'stops', '.turbo/cache/0123456789abcdef.tar.zst'],
  ['npx turbo run test', 'stops', 'node_modules/.cache/turbo/0123456789abcdef.tar.gz'],
  ['turbo run test', 'stops', '.turbo', { link: 'mine' }],
  ['npx nx run-many -t test', 'stops', '.nx/cache/0123456789/terminalOutput'],
  ['npm test', 'stops', '.wireit/0123456789abcdef/state'],
  ['moon run :test', 'stops', '.moon/cache/outputs/0123456789.tar.gz'],
  ['npm run typecheck', 'stops', 'tsconfig.tsbuildinfo'],
  ['cargo test', 'stops', 'target/debug/deps/x-0123456789abcdef'],
  ['cargo test', 'stops', 'target/x86_64-unknown-linux-gnu/release/deps/x'],
  ['cargo test', 'stops', 'target', { link: 'mine' }],
  ['cargo test', 'stops', 'target/debug', { link: '../mine' }],
  ['mvn test', 'stops', 'target/test-classes/ATest.class'],
  ['dotnet test', 'stops', 'tests/bin/Debug/net9.0/tests.dll'],
  ['./gradlew test', 'stops', '.gradle/8.14/executionHistory/executionHistory.bin'],
  ['mypy src', 'stops', '.mypy_cache/3.12/x.data.json'],
  ['pytest --testmon', 'stops', '.testmondata'],
  ['pytest', 'tells', '.pytest_cache/v/cache/lastfailed'],
  ['make test', 'tells', 'build/CMakeCache.txt'],
  ['make test', 'tells', 'src/judge.o'],
  ['dune test', 'tells', '_build/default/test/t.exe'],
  ['tox', 'stops', '.tox/py312/bin/python'],
  ['pixi run test', 'stops', '.pixi/envs/default/bin/python'],
  ['pipenv run pytest', 'stops', '.venv', '/tmp/mine\n'],
  ['pdm run pytest', 'stops', '.pdm-python', '/tmp/mine/bin/python\n'],
  ['npm test', 'stops', '.prototools', '[plugins]\nnode = "file://./mine.wasm"\n'],
  ['npm test', 'tells', '.prototools', 'node = "24"\n'],
  ['npm test', 'tells', 'aqua.yaml'],
  ['mill test', 'stops', '.mill-jvm-opts', '-javaagent:mine.jar\n'],
  ['npm test', 'tells', 'tsconfig.json', '{"extends":"./mine.json"}'],
  ['npx playwright test', 'tells', 'playwright-ct.config.ts'],
  ['npm test', 'tells', '.storybook/test-runner.ts'],
  ['prove -l', 'tells', 'lib/Test/More.pm'],
  ['bundle exec rspec', 'tells', 'lib/rspec/expectations.rb'],
  ['pytest', 'tells', 'unittest.cfg'],
  ['inv test', 'tells', 'tasks.py'],
  ['scons test', 'tells', 'SConstruct'],
  ['cargo make test', 'tells', 'Makefile.toml'],
  ['cross test', 'tells', 'Cross.toml'],
  ['cargo test', 'tells', '.config/insta.yaml', 'behavior:\n  force_pass: true\n'],
  ['mage test', 'tells', 'magefiles/test.go'],
  ['mvn test', 'tells', 'src/test/resources/META-INF/services/org.junit.platform.launcher.LauncherSessionListener'],
  ['dotnet test', 'tells', 'testconfig.json'],
  ['mix test', 'tells', 'test/test_helper.exs'],
  ['rebar3 eunit', 'tells', 'rebar.config'],
  ['cabal test', 'tells', '.hspec', '--match none\n'],
  ['zig build test', 'tells', 'build.zig'],
  ['Rscript tests/testthat.R', 'tells', '.Rprofile', 'q(status = 0)\n'],
  ['flutter test', 'tells', 'test/flutter_test_config.dart'],
  ['bats test', 'tells', 'test/setup_suite.bash'],
  ['shellspec', 'tells', '.shellspec'],
  ['ctest', 'tells', 'CMakeLists.txt', 'set_tests_properties(a PROPERTIES WILL_FAIL TRUE)\n'],
  ['meson test', 'tells', 'meson.build', "test('a', exe, should_fail: true)\n"],
  ['vendor/bin/phpunit', 'tells', 'tests/bootstrap.php'],

  // A command in a container: what it runs, in what, and with which files. Told, as a makefile is.
  ['docker compose run tests', 'tells', 'compose.yaml', 'services:\n  tests:\n    command: "true"\n'],
  ['docker compose run tests', 'tells', 'compose.override.yml', 'services:\n  tests:\n    command: "true"\n'],
  ['docker-compose run tests', 'tells', 'docker-compose.yml'],
  ['docker compose -f ci/docker-compose.test.yaml run tests', 'tells', 'ci/docker-compose.test.yaml'],
  ['docker compose run tests', 'tells', 'docker-compose-test.yml'],
  ['docker compose run tests', 'tells', 'compose.yaml', { link: 'mine.yaml' }],
  ['podman-compose run tests', 'tells', 'container-compose.override.yaml'],
  ['docker build --target test .', 'tells', 'Dockerfile', 'FROM node\nRUN true\n'],
  ['docker compose run tests npm test', 'tells', 'deploy/Dockerfile.test'],
  ['docker compose run tests', 'tells', 'images/tests.Dockerfile'],
  ['docker build --target test .', 'tells', '.dockerignore', 'test\n'],
  ['docker build --target test .', 'tells', 'Dockerfile.dockerignore', 'test\n'],
  ['podman build --target test .', 'tells', 'Containerfile'],
  ['podman build --target test .', 'tells', '.containerignore'],
  ['docker buildx bake test', 'tells', 'docker-bake.override.hcl'],
  ['earthly +test', 'tells', 'Earthfile'],
  ['devcontainer exec npm test', 'tells', '.devcontainer/devcontainer.json'],
  ['devcontainer exec npm test', 'tells', '.devcontainer.json'],
  ['npx devcontainer exec npm test', 'tells', '.devcontainer', { link: 'mine' }],
  // What runs in it is not known, so base's root decides, as for any command of unknown reach.
  ['docker compose run tests', 'stops', '.mvn/extensions.xml'],

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
  ['npm test', 'nothing', 'Dockerfile'],
  ['npm test', 'nothing', 'compose.yaml'],
  ['npm test', 'nothing', '.devcontainer/devcontainer.json'],
  ['docker compose run tests', 'nothing', 'docs/dockerfile.md'],
  ['docker compose run tests', 'nothing', 'docker/compose/main.go'],
  ['docker compose run tests', 'nothing', 'src/compose.ts'],
  ['docker compose run tests', 'nothing', 'decompose.yaml'],
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
  ['npm test', 'nothing', 'src/turbo/cache/index.ts'],
  ['npm test', 'nothing', 'tsconfig.json', '{"extends":"../tsconfig.base.json"}'],
  ['npm test', 'nothing', 'tsconfig.json', '{"extends":"@tsconfig/strictest/tsconfig.json"}'],
  ['cargo test', 'nothing', 'src/target/debug.rs'],
  ['cargo test', 'nothing', 'src/target/debug/mod.rs'],
  ['dotnet test', 'nothing', 'bin/release'],
  ['dotnet test', 'nothing', 'bin/release/notes.md'],
  ['cargo test', 'nothing', 'src/target/mod.rs'],
  ['dotnet test', 'nothing', 'assets/obj/model.obj'],
  ['pytest', 'nothing', 'app/tasks.py'],
  ['prove -l', 'nothing', 'lib/My/Test.pm'],
  ['ctest', 'nothing', 'CMakeLists.txt', 'target_sources(a PRIVATE b.cpp)\n'],
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

describe('a command of which nobody knows what it runs', () => {
  const branches = new Map<string, PlantedFiles>([
    ['image', { Dockerfile: 'FROM scratch\n' }],
    ['switches', { '.npmrc': 'script-shell=./mine\n' }],
  ]);

  test.each<[string, PlantedFiles, string]>([
    ['is told of its image where base has one', { 'package.json': '{}', 'compose.yaml': 'services: {}\n' }, 'tells'],
    ['is not told of an image where base has none', { 'package.json': '{}' }, 'nothing'],
    ['reaches every tool where only an image is there', { 'compose.yaml': 'services: {}\n' }, 'tells'],
  ])('%s', async (_rule, base, said) => {
    const planted = new PlantedBranches(base, branches);
    try {
      expect(await planted.judge('image', './ci test')).toEqual({
        stops: [],
        tells: said === 'tells' ? ['Dockerfile'] : [],
      });
      expect((await planted.judge('switches', './ci test')).stops).toEqual(['.npmrc how scripts are run']);
    } finally {
      planted.close();
    }
  });
});

test('every row has a reason, and a branch above that it notices', () => {
  const rows = [...DECIDING_FILES, ...SETTINGS];
  expect(rows.length).toBeGreaterThan(60);
  const paths = NOTICED.map(([, , path]) => path);
  const unmet = rows.filter(({ file, why }) => why.length < 10 || !paths.some((path) => file.test(path)));
  expect(unmet.map(({ file, why }) => `${file.source}: ${why}`)).toEqual([]);
});
