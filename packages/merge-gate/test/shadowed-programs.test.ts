import { expect, test } from '@jest/globals';
import { judged } from './judged-branches.ts';
import { PlantedBranches } from './planted-branches.ts';

const PROGRAM = 'is run in place of an installed program';
const PACKAGE = 'is loaded in place of an installed package';
const MODULE = 'is imported in place of an installed module';

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
      ['a workspace that is called jest', { 'p/package.json': '{"name":"jest"}' }, ['p/package.json name'], []],
      [
        'a sample that is called jest',
        { 'fixtures/p/package.json': '{"name":"jest"}' },
        [],
        ['fixtures/p/package.json name'],
      ],
      [
        'another encoding in the work tree',
        { '.gitattributes': '.npmrc working-tree-encoding=UTF-16LE\n' },
        ['.gitattributes how files are written into the work tree'],
        [],
      ],
      ['attributes', { '.gitattributes': '*.bat text eol=crlf\n*.png binary\n' }, [], []],
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

test('the last of very many paths is judged like the first', async () => {
  const many = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`a/${at}.txt`, '']));
  const cheat = { ...many, 'z/node_modules/.bin/node': '' };
  const planted = new PlantedBranches({ 'z/package.json': '{}' }, new Map([['it', cheat]]));
  expect((await planted.judge('it', 'cd z && npm test')).stops).toEqual([`z/node_modules/.bin/node ${PROGRAM}`]);
  planted.close();
});

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
  'a command that says itself where to look',
  { 'lib/a.py': '', 'scripts/check.js': '', 'tools/all.py': '' },
  {
    commands: [
      'export PATH=$PWD/steps:$(pwd)/bin:$PATH; PYTHONPATH=lib python3 -m pytest',
      'node scripts/check && python3 -m tools.all',
    ],
    rows: [
      ['a program on its PATH', { 'steps/python3': '' }, [`steps/python3 ${PROGRAM}`], []],
      ['… in its second directory', { 'bin/pytest': '' }, [`bin/pytest ${PROGRAM}`], []],
      ['a module on its PYTHONPATH', { 'lib/re.py': '' }, [`lib/re.py ${MODULE}`], []],
      [
        'a file node completes, and a module',
        { 'scripts/check.js': '1', 'tools/all.py': '1' },
        [],
        ['scripts/check.js', 'tools/all.py'],
      ],
      ['code', { 'lib/a.py': '1', 'src/re.py': '' }, [], []],
    ],
  },
);
