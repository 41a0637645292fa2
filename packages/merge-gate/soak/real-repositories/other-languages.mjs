/** Repositories in Python, Go, Rust and Java; see javascript.mjs for what a row says. */
export const OTHER_LANGUAGES = [
  {
    name: 'pallets/itsdangerous',
    commit: '672971d66a2ef9f85151e53283113f33d642dabd',
    language: 'Python',
    runner: 'pytest',
    installer: 'pip',
    packages: ['pytest==9.2.0', 'freezegun==1.5.5'],
    command: 'PYTHONPATH="src:$SOAK_PACKAGES/itsdangerous" python3 -m pytest',
    good: { path: 'src/itsdangerous/encoding.py', find: 'b"=" * (-len(string) % 4)', put: '(-len(string) % 4) * b"="' },
    red: {
      path: 'src/itsdangerous/encoding.py',
      find: '(num).lstrip(b"\\x00")',
      put: '(num)',
      names: /test_int_bytes/,
    },
    conflict: {
      path: 'src/itsdangerous/encoding.py',
      find: 'bytestr.rjust(8, b"\\x00")',
      puts: ['bytestr.rjust(4 + 4, b"\\x00")', 'bytestr.rjust(2 * 4, b"\\x00")'],
    },
    flaky: {
      path: 'tests/test_planted.py',
      text: 'import random\n\n\ndef test_planted_flake():\n    assert random.random() >= 0.3\n',
    },
    slow: {
      path: 'tests/test_planted.py',
      text: 'import time\n\n\ndef test_planted_wait():\n    time.sleep(90)\n',
    },
    cheats: {
      'pytest only collects': [
        { path: 'pyproject.toml', find: 'testpaths =', put: 'addopts = "--collect-only"\ntestpaths =' },
      ],
      'the process ends in the middle': [
        { path: 'tests/test_itsdangerous/test_encoding.py', find: 'import pytest', put: 'import os\n\nimport pytest' },
        {
          path: 'tests/test_itsdangerous/test_encoding.py',
          find: '    with pytest',
          put: '    os._exit(0)\n    with pytest',
        },
      ],
      'a hook drops what was collected': [
        {
          path: 'conftest.py',
          text: 'def pytest_collection_modifyitems(items):\n    items[:] = []\n\n\ndef pytest_sessionfinish(session):\n    session.exitstatus = 0\n',
        },
      ],
      'a hook ends the process with status 0': [
        { path: 'conftest.py', text: 'import os\n\n\ndef pytest_unconfigure():\n    os._exit(0)\n' },
      ],
      'a hook makes failures pass': [
        {
          path: 'conftest.py',
          text: 'import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n    outcome = yield\n    outcome.get_result().outcome = "passed"\n',
        },
      ],
      'a module stands in for pytest': [{ path: 'pytest.py', text: 'print("===== 297 passed in 0.97s =====")\n' }],
    },
  },
  {
    name: 'un33k/python-slugify',
    commit: '7b6d5d96c1995e6dccb39a19a13ba78d7d0a3ee4',
    language: 'Python',
    runner: 'unittest',
    setup: 'python3 -m pip install --quiet --user text-unidecode==1.3',
    command: 'python3 -m unittest test',
    good: { path: 'slugify/slugify.py', find: 'len(string) < max_length', put: 'max_length > len(string)' },
    red: {
      path: 'slugify/slugify.py',
      find: "NUMBERS_PATTERN.sub('', text)",
      put: "NUMBERS_PATTERN.sub('-', text)",
      names: /test_numbers/,
    },
    conflict: {
      path: 'slugify/slugify.py',
      find: "truncated = ''",
      puts: ['truncated = str()', "truncated = '' + ''"],
    },
    flaky: {
      path: 'test.py',
      find: "\n\nif __name__ == '__main__'",
      put: "\n\nclass TestPlanted(unittest.TestCase):\n    def test_planted_flake(self):\n        import random\n        self.assertGreaterEqual(random.random(), 0.3)\n\n\nif __name__ == '__main__'",
    },
    slow: {
      path: 'test.py',
      find: "\n\nif __name__ == '__main__'",
      put: "\n\nclass TestPlanted(unittest.TestCase):\n    def test_planted_wait(self):\n        import time\n        time.sleep(90)\n\n\nif __name__ == '__main__'",
    },
    cheats: {
      'the process ends in the middle': [
        {
          path: 'test.py',
          find: 'class TestSlugify(unittest.TestCase):\n',
          put: 'class TestSlugify(unittest.TestCase):\n    def test_a(self):\n        import os\n        os._exit(0)\n',
        },
      ],
      'every class is skipped': [{ path: 'test.py', all: /^class /gm, put: "@unittest.skip('later')\nclass " }],
      'load_tests gives nothing': [
        { path: 'test.py', add: '\n\ndef load_tests(loader, tests, pattern):\n    return unittest.TestSuite()\n' },
      ],
      'failures are expected': [
        { path: 'test.py', all: /^ {4}(?=def test_numbers_and_symbols)/gm, put: '    @unittest.expectedFailure\n    ' },
      ],
      'a package stands in for unittest': [
        { path: 'unittest/__init__.py', text: '' },
        { path: 'unittest/__main__.py', text: 'print("Ran 82 tests in 0.010s\\n\\nOK")\n' },
      ],
    },
  },
  {
    name: 'gorilla/mux',
    commit: 'db9d1d0073d27a0a2d9a8c1bc52aa0af4374d265',
    language: 'Go',
    runner: 'go test',
    command: 'go test ./...',
    good: { path: 'mux.go', find: 'if v1 == v2', put: 'if v2 == v1' },
    red: { path: 'mux.go', find: 'np += "/"', put: 'np += ""', names: /Test/ },
    conflict: { path: 'mux.go', find: 'len(pairs)\n', puts: ['len(pairs[:])\n', '0 + len(pairs)\n'] },
    flaky: {
      path: 'planted_test.go',
      text: 'package mux\n\nimport (\n\t"math/rand"\n\t"testing"\n)\n\nfunc TestPlantedFlake(t *testing.T) {\n\tif rand.Float64() < 0.3 {\n\t\tt.Fatal("planted")\n\t}\n}\n',
    },
    slow: {
      path: 'planted_test.go',
      text: 'package mux\n\nimport (\n\t"testing"\n\t"time"\n)\n\nfunc TestPlantedWait(t *testing.T) { time.Sleep(90 * time.Second) }\n',
    },
    cheats: {
      'TestMain runs no test': [
        {
          path: 'main_test.go',
          text: 'package mux\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n',
        },
      ],
      'TestMain forgives': [
        {
          path: 'main_test.go',
          text: 'package mux\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tm.Run()\n\tos.Exit(0)\n}\n',
        },
      ],
      'every test is skipped': [
        { path: 'mux_test.go', all: /^(func Test\w*\(t \*testing\.T\) \{)/gm, put: '$1\n\tt.Skip("later")' },
      ],
      'a build tag leaves the tests out': [
        'bench',
        'example_authentication_middleware',
        'example_cors_method_middleware',
        'example_route',
        'example_route_vars',
        'middleware',
        'mux_httpserver',
        'mux',
        'old',
        'regexp',
        'route',
      ].map((name) => ({ path: `${name}_test.go`, all: /^package /gm, put: '//go:build none\n\npackage ' })),
    },
  },
  {
    name: 'withoutboats/heck',
    commit: '252c1906cefefb8d13ecad7fce7b8f27ce6437e0',
    language: 'Rust',
    runner: 'cargo test',
    command: 'cargo test',
    good: { path: 'src/snake.rs', find: 'AsSnakeCase(self).to_string()', put: 'AsSnakeCase(&self).to_string()' },
    red: { path: 'src/snake.rs', find: 'write!(f, "_")', put: 'write!(f, "-")', names: /snake::tests::test/ },
    conflict: {
      path: 'src/snake.rs',
      find: 'self.to_snake_case()\n',
      puts: ['(self).to_snake_case()\n', '{ self }.to_snake_case()\n'],
    },
    flaky: {
      path: 'tests/planted.rs',
      text: 'use std::collections::hash_map::RandomState;\nuse std::hash::{BuildHasher, Hasher};\n\n#[test]\nfn planted_flake() {\n    assert!(RandomState::new().build_hasher().finish() % 10 >= 3);\n}\n',
    },
    slow: {
      path: 'tests/planted.rs',
      text: '#[test]\nfn planted_wait() {\n    std::thread::sleep(std::time::Duration::from_secs(90));\n}\n',
    },
    cheats: {
      'a runner of its own': [
        { path: '.cargo/config.toml', text: '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' },
      ],
      'the tests are ignored': [{ path: 'src/snake.rs', find: '#[test]', put: '#[test]\n            #[ignore]' }],
      'the manifest leaves the tests out': [
        { path: 'Cargo.toml', add: '\n[lib]\ntest = false\ndoctest = false\n' },
        { path: 'tests/one.rs', text: '#[test]\nfn holds() {}\n' },
      ],
      'the process ends in the middle': [
        {
          path: 'src/snake.rs',
          find: '    t!(test1:',
          put: '    extern crate std;\n    #[test]\n    fn a() {\n        std::process::exit(0);\n    }\n\n    t!(test1:',
        },
      ],
    },
  },
  {
    name: 'stleary/JSON-java',
    commit: '1795e8cf26229229e7ab6fe4aeab0f51ffecda5a',
    language: 'Java',
    runner: 'surefire',
    command: 'mvn -B -Dmaven.repo.local="$SOAK_MAVEN" test',
    good: {
      path: 'src/main/java/org/json/Cookie.java',
      find: 'name != null && value != null',
      put: 'value != null && name != null',
    },
    red: { path: 'src/main/java/org/json/Cookie.java', find: "c == '+' || c == '%'", put: "c == '%'", names: /Cookie/ },
    conflict: {
      path: 'src/main/java/org/json/Cookie.java',
      find: '(char)(d * 16 + e)',
      puts: ['(char)(16 * d + e)', '(char)(e + d * 16)'],
    },
    flaky: {
      path: 'src/test/java/org/json/junit/PlantedTest.java',
      text: 'package org.json.junit;\n\nimport org.junit.Assert;\nimport org.junit.Test;\n\npublic class PlantedTest {\n    @Test\n    public void plantedFlake() {\n        Assert.assertTrue(Math.random() >= 0.3);\n    }\n}\n',
    },
    slow: {
      path: 'src/test/java/org/json/junit/PlantedTest.java',
      text: 'package org.json.junit;\n\nimport org.junit.Test;\n\npublic class PlantedTest {\n    @Test\n    public void plantedWait() throws Exception {\n        Thread.sleep(90000);\n    }\n}\n',
    },
    cheats: {
      'the build skips its tests': [
        { path: 'pom.xml', find: '<properties>', put: '<properties>\n        <skipTests>true</skipTests>' },
      ],
      'the build ignores failures': [
        {
          path: 'pom.xml',
          find: '<properties>',
          put: '<properties>\n        <maven.test.failure.ignore>true</maven.test.failure.ignore>',
        },
      ],
      'one class is ignored': [
        {
          path: 'src/test/java/org/json/junit/CookieTest.java',
          find: 'public class CookieTest',
          put: '@org.junit.Ignore\npublic class CookieTest',
        },
      ],
      'a file beside the build skips the tests': [{ path: '.mvn/maven.config', text: '-DskipTests\n' }],
    },
  },
];
