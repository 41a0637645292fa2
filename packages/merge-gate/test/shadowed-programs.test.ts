import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PlantedBranches, type PlantedFiles } from './planted-branches.ts';

const PROGRAM = 'is run in place of an installed program';
const PACKAGE = 'is loaded in place of an installed package';
const MODULE = 'is imported in place of an installed module';

type Row = readonly [string, PlantedFiles, readonly string[], readonly string[]];

function judged(
  about: string,
  base: PlantedFiles,
  asked: { readonly commands: readonly string[]; readonly rows: readonly Row[] },
): void {
  describe(about, () => {
    let planted: PlantedBranches;
    beforeAll(() => {
      planted = new PlantedBranches(base, new Map(asked.rows.map(([title, files]) => [title, files])));
    });
    afterAll(() => planted.close());
    test.each(asked.rows)('%s', async (title, _files, stops, tells) => {
      expect(await planted.judge(title, ...asked.commands)).toEqual({ stops, tells });
    });
  });
}

judged(
  'a branch that brings programs where npm test looks first',
  {
    'package.json': '{"scripts":{"test":"cd app && my-runner"}}',
    'app/package.json': '{"scripts":{"test":"jest"}}',
    tools: { link: 'app' },
    'app/x.js': '',
  },
  {
    commands: ['npm test'],
    rows: [
      ['a program', { 'node_modules/.bin/node': '#!/bin/sh\n' }, [`node_modules/.bin/node ${PROGRAM}`], []],
      [
        'a program that is a link',
        { 'node_modules/.bin/sh': { link: '../../x' } },
        [`node_modules/.bin/sh ${PROGRAM}`],
        [],
      ],
      [
        'a directory of programs behind a link',
        { 'node_modules/.bin': { link: '../x' }, 'x/node': '' },
        [`node_modules/.bin ${PROGRAM}`],
        [],
      ],
      [
        'all of node_modules behind a link',
        { node_modules: { link: 'x' }, 'x/.bin/node': '' },
        [`node_modules ${PACKAGE}`],
        [],
      ],
      ['all of node_modules in a submodule', { node_modules: 'submodule' }, [`node_modules ${PACKAGE}`], []],
      [
        'a program in the directory of a script',
        { 'app/node_modules/.bin/jest': '' },
        [`app/node_modules/.bin/jest ${PROGRAM}`],
        [],
      ],
      [
        'a program elsewhere',
        { 'test/fixtures/a/node_modules/.bin/x': '' },
        [],
        [`test/fixtures/a/node_modules/.bin/x ${PROGRAM}`],
      ],
      [
        'a runner',
        { 'node_modules/jest/index.js': '', 'node_modules/jest/b.js': '' },
        [`node_modules/jest ${PACKAGE}`],
        [],
      ],
      [
        'what a runner judges with',
        { 'node_modules/@jest/core/index.js': '' },
        [`node_modules/@jest/core ${PACKAGE}`],
        [],
      ],
      [
        'any package, where base keeps none in git',
        { 'node_modules/zod/index.js': '' },
        [`node_modules/zod ${PACKAGE}`],
        [],
      ],
      ['a package of a fixture', { 'test/fixtures/node_modules/zod/index.js': '' }, [], []],
      ['a runner beside a test', { 'test/node_modules/chai/index.js': '' }, [], [`test/node_modules/chai ${PACKAGE}`]],
      ['a workspace that is called jest', { 'p/package.json': '{"name":"jest"}' }, [], ['p/package.json name']],
      [
        'a workspace in reach that brings node',
        { 'app/package.json': '{"scripts":{"test":"jest"},"bin":{"node":"x.js"}}' },
        ['app/package.json bin.node'],
        [],
      ],
      [
        'a program that a script calls',
        { 'app/package.json': '{"scripts":{"test":"jest"},"bin":{"my-runner":"x"}}' },
        ['app/package.json bin.my-runner'],
        [],
      ],
      ['a program of no importance', { 'app/package.json': '{"scripts":{"test":"jest"},"bin":{"hello":"x"}}' }, [], []],
      ['code', { 'app/x.js': '1', 'app/y.js': '' }, [], []],
    ],
  },
);

judged(
  'a repository that keeps its dependencies in git',
  { 'package.json': '{"scripts":{"test":"mocha"}}', 'node_modules/mocha/a.js': '', 'node_modules/zod/a.js': '' },
  {
    commands: ['npm test'],
    rows: [
      ['a dependency is told', { 'node_modules/zod/a.js': '1' }, [], [`node_modules/zod ${PACKAGE}`]],
      ['the runner stops', { 'node_modules/mocha/a.js': '1' }, [`node_modules/mocha ${PACKAGE}`], []],
    ],
  },
);

test('where nothing looks into node_modules first, what lies there is only told', async () => {
  const planted = new PlantedBranches({ 'go.mod': '' }, new Map([['it', { 'node_modules/.bin/go': '' }]]));
  expect(await planted.judge('it', 'go test ./...')).toEqual({ stops: [], tells: [`node_modules/.bin/go ${PROGRAM}`] });
  planted.close();
});

judged(
  'a branch that brings modules where Python looks first',
  { 'pyproject.toml': '[project]\nname = "x"\n', 'x/__init__.py': '', 'queue.py': '', 'sub/a.py': '' },
  {
    commands: ['python3 -m pytest -q', 'cd sub && python3 -m unittest'],
    rows: [
      // Recorded with CPython 3.12 and pytest 9.2: `python3 -m pytest` then runs this file, and exits with its status.
      ['the runner', { 'pytest.py': '' }, [`pytest.py ${MODULE}`], []],
      ['a package in its name', { 'pytest/__init__.py': '' }, [`pytest/__init__.py ${MODULE}`], []],
      ['what it imports', { 'argparse.py': 'import os; os._exit(0)\n' }, [`argparse.py ${MODULE}`], []],
      [
        '… compiled',
        { 're.cpython-312-x86_64-linux-gnu.so': '' },
        [`re.cpython-312-x86_64-linux-gnu.so ${MODULE}`],
        [],
      ],
      ['a module in the directory of a command', { 'sub/unittest.py': '' }, [`sub/unittest.py ${MODULE}`], []],
      [
        'what Python starts with',
        { 'src/sitecustomize.py': '' },
        ['src/sitecustomize.py is run when Python starts'],
        [],
      ],
      [
        'an installed package',
        { '.venv/lib/python3.12/site-packages/pytest.py': '' },
        ['.venv/lib/python3.12/site-packages/pytest.py stands in for what is installed'],
        [],
      ],
      ['a name that base has already', { 'queue.py': '1' }, [], []],
      ['a name of its own', { 'x/json.py': '', 'mine.py': '', 'logging/notes.txt': '' }, [], []],
      ['hooks of the tests', { 'conftest.py': '' }, [], ['conftest.py']],
      [
        'settings of pytest',
        { 'pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\naddopts = "--co"\n' },
        [],
        ['pyproject.toml its test settings'],
      ],
      [
        '… with quotes',
        { 'pyproject.toml': '[project]\nname = "x"\n["tool"."pytest".ini_options]\naddopts = "--co"\n' },
        [],
        ['pyproject.toml its test settings'],
      ],
      [
        '… with dots',
        { 'pyproject.toml': 'tool.pytest.ini_options.addopts = "--co"\n[project]\nname = "x"\n' },
        [],
        ['pyproject.toml its test settings'],
      ],
      [
        '… in another table',
        { 'pyproject.toml': '[project]\nname = "x"\n[tool]\npytest.ini_options.addopts = "--co"\n' },
        [],
        ['pyproject.toml its test settings'],
      ],
      [
        'a program in the name of the runner',
        { 'pyproject.toml': '[project]\nname = "x"\n[project.scripts]\npytest = "x:y"\n' },
        ['pyproject.toml its test settings'],
        [],
      ],
      [
        'a version and a dependency',
        {
          'pyproject.toml':
            '[project]\nname = "x"\nversion = "2"\ndependencies = ["a>=1"]\n[tool.ruff]\nline-length = 9\n',
        },
        [],
        [],
      ],
      [
        'settings elsewhere',
        { 'tox.ini': '', 'setup.cfg': '', '.coveragerc': '', 'pytest.toml': '' },
        [],
        ['.coveragerc', 'pytest.toml', 'setup.cfg', 'tox.ini'],
      ],
    ],
  },
);

judged(
  'a branch that changes how other tools run',
  {
    'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "1"\n',
    Makefile: 'test:\n\tcargo test && ./gradlew test\n',
    'gradle/wrapper/gradle-wrapper.properties':
      'distributionUrl=https\\://services.gradle.org/distributions/gradle-8.1-bin.zip\n',
    'pom.xml': '<project>\n<version>1</version>\n</project>\n',
    'go.mod': 'module x\nrequire a v1.0.0\n',
  },
  {
    commands: ['cargo test', './gradlew test', 'go test ./...'],
    rows: [
      [
        'a runner of cargo',
        { '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' },
        ['.cargo/config.toml how cargo builds and runs'],
        [],
      ],
      [
        'an alias of cargo',
        { '.cargo/config': '[alias]\nt = "version"\n' },
        ['.cargo/config how cargo builds and runs'],
        [],
      ],
      [
        'a wrapper of rustc behind a comment that ends in CR',
        { '.cargo/config.toml': '[build]\n# x\r[term]\nrustc-wrapper="x"\n' },
        ['.cargo/config.toml how cargo builds and runs'],
        [],
      ],
      ['colours of cargo', { '.cargo/config.toml': '[term]\ncolor = "always"\n' }, [], []],
      [
        'a toolchain of the branch',
        { 'rust-toolchain.toml': '[toolchain]\npath = "./t"\n' },
        ['rust-toolchain.toml which cargo runs'],
        [],
      ],
      [
        'another toolchain',
        { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.80"\n' },
        [],
        ['rust-toolchain.toml which cargo runs'],
      ],
      [
        'a test without a harness',
        { 'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "1"\n[[test]]\nname = "t"\nharness = false\n' },
        [],
        ['Cargo.toml its test settings'],
      ],
      ['a crate', { 'Cargo.toml': '[package]\nname = "x"\n[dependencies]\na = "2"\n' }, [], []],
      ['a build script', { 'build.rs': '' }, [], ['build.rs']],
      [
        'the jar of gradle',
        { 'gradle/wrapper/gradle-wrapper.jar': Buffer.from([0, 1]) },
        ['gradle/wrapper/gradle-wrapper.jar is run as the build tool'],
        [],
      ],
      [
        'another gradle',
        {
          'gradle/wrapper/gradle-wrapper.properties':
            'distributionUrl=https\\://services.gradle.org/distributions/gradle-8.2-bin.zip\n',
        },
        [],
        ['gradle/wrapper/gradle-wrapper.properties which build tool runs'],
      ],
      [
        'a gradle from elsewhere',
        { 'gradle/wrapper/gradle-wrapper.properties': 'distributionUrl=https\\://example.org/gradle-8.1-bin.zip\n' },
        ['gradle/wrapper/gradle-wrapper.properties which build tool runs'],
        [],
      ],
      [
        'extensions of maven',
        { '.mvn/extensions.xml': '' },
        ['.mvn/extensions.xml decides how the build tool runs'],
        [],
      ],
      [
        'switches of maven',
        { '.mvn/maven.config': '-DskipTests' },
        ['.mvn/maven.config decides how the build tool runs'],
        [],
      ],
      [
        'a pom that skips tests',
        { 'pom.xml': '<project>\n<version>1</version>\n<skipTests>true</skipTests>\n</project>\n' },
        [],
        ['pom.xml its test settings'],
      ],
      ['a pom of another version', { 'pom.xml': '<project>\n<version>2</version>\n</project>\n' }, [], []],
      [
        'a replaced module of Go',
        { 'go.mod': 'module x\nrequire a v1.0.0\nreplace a => ./a\n' },
        [],
        ['go.mod its replacements'],
      ],
      ['a module of Go', { 'go.mod': 'module x\nrequire a v1.1.0\n' }, [], []],
      ['workspaces of Go', { 'go.work': '' }, [], ['go.work']],
      [
        'settings of bazel, make, ruby, php and node',
        { '.bazelrc': '', Makefile: '', '.rspec': '', 'phpunit.xml': '', Rakefile: '', '.env': '' },
        [],
        ['.bazelrc', '.env', '.rspec', 'Makefile', 'Rakefile', 'phpunit.xml'],
      ],
      ['what bazelisk runs first', { 'tools/bazel': '' }, [], ['tools/bazel is run as the build tool']],
      ['an example of an environment', { '.env.example': '' }, [], []],
    ],
  },
);
