import { likelySetup } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

/** The tool that said it, what it said, word for word, and what is to be told. */
const SAID: readonly [tool: string, command: string, said: string, told: RegExp][] = [
  [
    'pytest 9.2',
    'python3 -m pytest -q',
    "tests/test_a.py:1: in <module>\n    import zzpkg\nE   ModuleNotFoundError: No module named 'zzpkg'\n=== short test summary info ===\nERROR tests/test_a.py\n1 error in 0.19s",
    /zzpkg.*`test\.setup: pip install -e \.`/,
  ],
  [
    'python 3.11',
    'python3 t.py',
    'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nModuleNotFoundError: No module named \'requests_zz\'',
    /requests_zz.*pip install/,
  ],
  [
    'npm 11',
    'npm ci',
    'npm error code DEPTH_ZERO_SELF_SIGNED_CERT\nnpm error errno DEPTH_ZERO_SELF_SIGNED_CERT\nnpm error request to https://localhost:35425/nothing failed, reason: self-signed certificate',
    /DEPTH_ZERO_SELF_SIGNED_CERT.*test\.env \(NODE_EXTRA_CA_CERTS/,
  ],
  [
    'pip 23',
    'pip install -e .',
    "Could not fetch URL https://localhost:35425/simple/nothing/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='localhost', port=35425): Max retries exceeded with url: /simple/nothing/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed",
    /CERTIFICATE_VERIFY_FAILED.*PIP_CERT/,
  ],
  [
    'python 3.11 -m',
    'python3 -m nosuchrunner',
    '/usr/bin/python3: No module named nosuchrunner',
    /`test\.setup: pip install nosuchrunner`/,
  ],
  [
    'node 26, ESM',
    'npm test',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'lodash' imported from /tmp/x/node/a.mjs\n    at Object.getPackageJSONURL (node:internal/modules/package_json_reader:343:9)",
    /lodash.*`test\.setup: npm ci`/,
  ],
  [
    'node 26, CommonJS',
    'pnpm test',
    "Error: Cannot find module 'left-pad'\nRequire stack:\n- /tmp/x/node/b.cjs",
    /left-pad.*pnpm install --frozen-lockfile/,
  ],
  [
    'jest 30',
    'yarn jest',
    "    Cannot find module '@scope/lib' from 'a.test.js'\n\n    > 1 | require('@scope/lib')",
    /@scope\/lib.*yarn install --immutable/,
  ],
  [
    'node 26, a build',
    'npm test',
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/tmp/x/packages/a/dist/index.js' imported from /tmp/x/a.test.js",
    /dist\/index\.js.*npm run build/,
  ],
  [
    'npx 11',
    'npx vitest',
    'npm error npx canceled due to missing packages and no YES option: ["vitest@5.1.2"]',
    /vitest@5\.1\.2.*npm ci/,
  ],
  ['npm 11', 'npm run check', 'npm error Missing script: "check"', /no script check/],
  ['dash', 'npm test', '> a@1.0.0 test\n> jest\n\nsh: 1: jest: not found', /jest is not installed.*npm ci/],
  ['dash, tox', 'tox', 'sh: 1: tox: not found', /pip install tox/],
  ['dash, composer', 'vendor/bin/phpunit', 'sh: 1: vendor/bin/phpunit: not found', /composer install/],
  ['dash, wrapper', './gradlew test', 'sh: 1: ./gradlew: not found', /\.\/gradlew is not in the repository/],
  ['bash', 'x', 'bash: line 1: shellcheck: command not found', /shellcheck is not on PATH/],
  ['dash, mode', './noexec.sh', 'sh: 1: ./noexec.sh: Permission denied', /chmod=\+x \.\/noexec\.sh/],
  [
    'GNU make 4.3',
    'make test',
    'nosuchtool --x\nmake: nosuchtool: No such file or directory\nmake: *** [Makefile:2: test] Error 127',
    /nosuchtool is not on PATH/,
  ],
  ['GNU make 4.3, target', 'make test', "make: *** No rule to make target 'test'.  Stop.", /no target test/],
  [
    'go 1.22, no module',
    'go test ./...',
    '# ./...\npattern ./...: directory prefix . does not contain main module or its selected dependencies\nFAIL\t./... [setup failed]',
    /no go\.mod at the root/,
  ],
  [
    'go 1.22',
    'go test ./...',
    '# ex.com/a\na.go:2:8: no required module provides package example.com/x/y; to add it:\n\tgo get example.com/x/y',
    /example\.com\/x\/y.*go mod tidy/,
  ],
  [
    'go 1.22, proxy',
    'go test ./...',
    'a.go:2:8: cannot find module providing package example.com/x/y: module lookup disabled by GOPROXY=off',
    /example\.com\/x\/y/,
  ],
  [
    'go 1.22, sums',
    'go test ./...',
    'go: github.com/pkg/errors@v0.9.1: missing go.sum entry for go.mod file; to add it:',
    /go\.sum is not complete/,
  ],
  [
    'cargo',
    'cargo test',
    'error: could not find `Cargo.toml` in `/tmp/x/rs` or any parent directory',
    /no Cargo\.toml at the root/,
  ],
  [
    'cargo --offline',
    'cargo test --offline',
    'error: no matching package named `serde` found\nlocation searched: crates.io index',
    /serde.*cargo fetch.*HOME/,
  ],
  [
    'maven 3.8',
    'mvn test',
    '[\u001b[1;31mERROR\u001b[m] The goal you specified requires a project to execute but there is no POM in this directory (/tmp/x/mvn).',
    /no pom\.xml/,
  ],
  [
    'maven 3.8 -o',
    'mvn -o test',
    '[\u001b[1;31mERROR\u001b[m] Plugin org.apache.maven.plugins:maven-surefire-plugin:2.12.4 or one of its dependencies could not be resolved: Cannot access central (https://repo.maven.apache.org/maven2) in offline mode and the artifact org.apache.maven.plugins:maven-surefire-plugin:jar:2.12.4 has not been downloaded from it before.',
    /surefire-plugin:jar:2\.12\.4.*go-offline/,
  ],
  [
    'maven 3.8, java',
    'mvn test',
    'The JAVA_HOME environment variable is not defined correctly,\nthis environment variable is needed to run this program.',
    /JAVA_HOME in test\.env/,
  ],
  ['gradle 4.4', 'gradle test', "* What went wrong:\nTask 'test' not found in root project 'gr'.", /no task test/],
  [
    'gradle 4.4 --offline',
    'gradle test',
    "* What went wrong:\nCould not resolve all files for configuration ':testCompileClasspath'.\n> Could not resolve junit:junit:4.13.99.",
    /Gradle.*HOME/,
  ],
  [
    'gradle 4.4, java',
    'gradle test',
    'ERROR: JAVA_HOME is set to an invalid directory: /nonexist',
    /JAVA_HOME in test\.env/,
  ],
  [
    'ruby 3.1',
    'ruby t.rb',
    "<internal:/usr/lib/ruby/vendor_ruby/rubygems/core_ext/kernel_require.rb>:85:in `require': cannot load such file -- nokozz (LoadError)",
    /nokozz.*bundle install/,
  ],
  ['dash, bundler', 'bundle exec rspec', 'sh: 1: bundle: not found', /bundler is not installed/],
  [
    'php 8.2',
    'php t.php',
    "PHP Fatal error:  Uncaught Error: Failed opening required 'vendor/autoload.php' (include_path='.:/usr/share/php') in /tmp/x/t.php:1",
    /composer install/,
  ],
  [
    'node 26, a server',
    'npm test',
    'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect',
    /port 5432/,
  ],
];

describe('what a tool says for want of something', () => {
  test.each(SAID)('%s', (_tool, command, said, told) => {
    const found = likelySetup(`before\n${said}\nafter\n`, command);
    expect(found?.words).toMatch(told);
    expect(said.replaceAll(/\p{Cc}\[[\d;]*m/gu, '')).toContain(found?.line);
  });

  test.each([
    ['an assertion', "AssertionError: expected 'a' to equal 'b'\n1 failing"],
    ['a relative module that the change forgot', "Error: Cannot find module './gone.js'\nRequire stack:\n- /x/a.js"],
    ['a test about a missing command', 'ok 1 - says jest: not found\nnot ok 2 - a'],
    ['nothing', ''],
  ])('%s tells nothing', (_name, said) => {
    expect(likelySetup(said)).toBeNull();
  });

  test('is read from any text, in bounded time, and one line of it is quoted', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (output, command) => {
        const told = likelySetup(output, command);
        expect(told === null || !told.line.includes('\n')).toBe(true);
      }),
    );
    for (const much of [
      'Cannot find module '.repeat(50_000),
      `${'a'.repeat(500_000)}: not found`,
      'sh: 1: '.repeat(90_000),
    ])
      expect(likelySetup(much)).toBeNull();
  });
});
