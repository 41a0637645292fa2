import { expect, test } from '@jest/globals';
import { faults, GOOD, NPM, npm, OTHER, PUBLIC } from './lock-faults.ts';
import { HEX, PYPI_SOURCE, SAMPLES, SRI } from './lock-samples.ts';

test.each(SAMPLES)(
  '$path of the public registry is in order as the first lockfile, and as base has it',
  ({ path, text }) => {
    expect(faults([path, text])).toEqual(
      path === 'pnpm-lock.yaml' && text.includes('requiresBuild') ? ['lock/new-install-script'] : [],
    );
    expect(faults([path, text], [path, text])).toEqual([]);
  },
);

const pnpm = (rest: string): string => `lockfileVersion: '9.0'\n${rest}`;
const uv = (one: string): string => `version = 1\n[[package]]\nname = "n"\nversion = "1.0.0"\n${one}\n`;
const file = (host: string, name: string, hash = `, hash = "sha256:${HEX}"`): string =>
  `{ url = "https://${host}/p/${name}"${hash} }`;

test.each<[what: string, path: string, text: string, rule: string]>([
  [
    'a tarball of another host',
    'pnpm-lock.yaml',
    pnpm(`packages:\n  n@1.0.0:\n    resolution: {integrity: ${SRI}, tarball: https://evil.invalid/n.tgz}\n`),
    'lock/foreign-host',
  ],
  [
    'a tarball as the version',
    'pnpm-lock.yaml',
    pnpm(
      `packages:\n  n@https://codeload.github.com/o/n/tar.gz/abc:\n    resolution: {integrity: ${SRI}, tarball: https://codeload.github.com/o/n/tar.gz/abc}\n    version: 1.0.0\n`,
    ),
    'lock/foreign-host',
  ],
  [
    'a git repository',
    'pnpm-lock.yaml',
    pnpm(
      'packages:\n  n@git+ssh://git@h.example/n:\n    resolution: {commit: abc, repo: ssh://git@h.example/n, type: git}\n    version: 1.0.0\n',
    ),
    'lock/not-from-registry',
  ],
  [
    'a tarball without integrity',
    'pnpm-lock.yaml',
    pnpm(`packages:\n  n@1.0.0:\n    resolution: {tarball: ${PUBLIC}/n/-/n-1.0.0.tgz}\n`),
    'lock/no-integrity',
  ],
  [
    'the archive of another package',
    'pnpm-lock.yaml',
    pnpm(`packages:\n  n@1.0.0:\n    resolution: {integrity: ${SRI}, tarball: ${PUBLIC}/m/-/m-1.0.0.tgz}\n`),
    'lock/other-package',
  ],
  [
    'a link outside',
    'a/pnpm-lock.yaml',
    pnpm(
      'importers:\n  .:\n    dependencies:\n      n:\n        specifier: link:../../out\n        version: link:../../out\n',
    ),
    'lock/link-outside',
  ],
  [
    'a folder outside',
    'pnpm-lock.yaml',
    pnpm('packages:\n  n@file:../out:\n    resolution: {directory: ../out, type: directory}\n'),
    'lock/link-outside',
  ],
  [
    'another host',
    'yarn.lock',
    `# yarn lockfile v1\n\nn@^1:\n  version "1.0.0"\n  resolved "https://evil.invalid/n/-/n-1.0.0.tgz#${'a'.repeat(40)}"\n  integrity ${SRI}\n`,
    'lock/foreign-host',
  ],
  [
    'the archive of another package',
    'yarn.lock',
    `# yarn lockfile v1\n\nn@^1:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/m/-/m-1.0.0.tgz#${'a'.repeat(40)}"\n  integrity ${SRI}\n`,
    'lock/other-package',
  ],
  [
    'git over ssh',
    'yarn.lock',
    '# yarn lockfile v1\n\n"n@git+ssh://git@h.example/n.git":\n  version "1.0.0"\n  resolved "git+ssh://git@h.example/n.git#abc"\n',
    'lock/not-from-registry',
  ],
  [
    'git over https',
    'yarn.lock',
    '# yarn lockfile v1\n\nn@o/n:\n  version "1.0.0"\n  resolved "https://github.com/o/n.git#abc"\n',
    'lock/not-from-registry',
  ],
  ['a link outside', 'yarn.lock', '# yarn lockfile v1\n\n"n@link:../out":\n  version "0.0.0"\n', 'lock/link-outside'],
  [
    'another archive address',
    'yarn.lock',
    `__metadata:\n  version: 8\n\n"n@npm:^1":\n  version: 1.0.0\n  resolution: "n@npm:1.0.0::__archiveUrl=https%3A%2F%2Fevil.invalid%2Fn.tgz"\n  checksum: 10c0/${'a'.repeat(128)}\n`,
    'lock/foreign-host',
  ],
  [
    'a portal outside',
    'yarn.lock',
    '__metadata:\n  version: 8\n\n"n@portal:../out":\n  version: 0.0.0\n  resolution: "n@portal:../out::locator=x"\n',
    'lock/link-outside',
  ],
  [
    'a script as the package',
    'yarn.lock',
    '__metadata:\n  version: 8\n\n"n@exec:./make.js":\n  version: 0.0.0\n  resolution: "n@exec:./make.js#./make.js::hash=1&locator=x"\n',
    'lock/not-from-registry',
  ],
  [
    'a git commit',
    'yarn.lock',
    '__metadata:\n  version: 8\n\n"n@https://h.example/n.git":\n  version: 1.0.0\n  resolution: "n@https://h.example/n.git#commit=abc"\n',
    'lock/not-from-registry',
  ],
  ['another index', 'requirements.txt', '--index-url https://evil.invalid/simple\nn==1.0\n', 'lock/foreign-host'],
  [
    'one more index',
    'requirements.txt',
    '--extra-index-url=https://evil.invalid/simple\nn==1.0\n',
    'lock/foreign-host',
  ],
  ['an index in short', 'requirements.txt', '-i https://evil.invalid/simple\nn==1.0\n', 'lock/foreign-host'],
  ['a list of links', 'requirements.txt', '--find-links http://evil.invalid/\nn==1.0\n', 'lock/not-from-registry'],
  ['a trusted host', 'requirements.txt', '--trusted-host evil.invalid\nn==1.0\n', 'lock/not-from-registry'],
  ['requirements from an address', 'requirements.txt', '-r https://evil.invalid/r.txt\n', 'lock/foreign-host'],
  [
    'an editable repository',
    'requirements.txt',
    '-e git+https://h.example/n.git@abc#egg=n\n',
    'lock/not-from-registry',
  ],
  ['a folder outside', 'requirements.txt', '-e ../out\n', 'lock/link-outside'],
  ['an address', 'requirements.txt', `n @ https://evil.invalid/n-1.0.zip#sha256=${HEX}\n`, 'lock/foreign-host'],
  ['a hash that others have', 'requirements.txt', `n==1.0\nm==1.0 --hash=sha256:${HEX}\n`, 'lock/no-integrity'],
  [
    'an address',
    'poetry.lock',
    `[[package]]\nname = "n"\nversion = "1"\nfiles = [{file = "n-1.zip", hash = "sha256:${HEX}"}]\n[package.source]\ntype = "url"\nurl = "https://evil.invalid/n-1.zip"\n[metadata]\n`,
    'lock/foreign-host',
  ],
  [
    'another index',
    'poetry.lock',
    `[[package]]\nname = "n"\nversion = "1"\nfiles = [{file = "n-1.zip", hash = "sha256:${HEX}"}]\n[package.source]\ntype = "legacy"\nurl = "https://evil.invalid/simple"\n[metadata]\n`,
    'lock/foreign-host',
  ],
  [
    'a git repository',
    'poetry.lock',
    '[[package]]\nname = "n"\nversion = "1"\nfiles = []\n[package.source]\ntype = "git"\nurl = "https://h.example/n.git"\n[metadata]\n',
    'lock/not-from-registry',
  ],
  [
    'a folder outside',
    'poetry.lock',
    '[[package]]\nname = "n"\nversion = "1"\nfiles = []\n[package.source]\ntype = "directory"\nurl = "../out"\n[metadata]\n',
    'lock/link-outside',
  ],
  ['no hash', 'poetry.lock', '[[package]]\nname = "n"\nversion = "1"\nfiles = []\n[metadata]\n', 'lock/no-integrity'],
  [
    'an address',
    'uv.lock',
    uv(
      `source = { url = "https://evil.invalid/n-1.0.0-py3-none-any.whl" }\nwheels = [${file('evil.invalid', 'n-1.0.0-py3-none-any.whl')}]`,
    ),
    'lock/foreign-host',
  ],
  [
    'a wheel of another host',
    'uv.lock',
    uv(`${PYPI_SOURCE}wheels = [${file('evil.invalid', 'n-1.0.0-py3-none-any.whl')}]`),
    'lock/foreign-host',
  ],
  [
    'the wheel of another package',
    'uv.lock',
    uv(`${PYPI_SOURCE}wheels = [${file('files.pythonhosted.org', 'm-1.0.0-py3-none-any.whl')}]`),
    'lock/other-package',
  ],
  [
    'the wheel of another version',
    'uv.lock',
    uv(`${PYPI_SOURCE}wheels = [${file('files.pythonhosted.org', 'n-0.9.0-py3-none-any.whl')}]`),
    'lock/other-package',
  ],
  [
    'one wheel without a hash',
    'uv.lock',
    uv(
      `${PYPI_SOURCE}wheels = [${file('files.pythonhosted.org', 'n-1.0.0-py3-none-any.whl')}, ${file('files.pythonhosted.org', 'n-1.0.0-cp312-none-any.whl', '')}]`,
    ),
    'lock/no-integrity',
  ],
  ['a git repository', 'uv.lock', uv('source = { git = "https://h.example/n?rev=x#abc" }'), 'lock/not-from-registry'],
  ['a folder outside', 'uv.lock', uv('source = { editable = "../out" }'), 'lock/link-outside'],
  [
    'another source',
    'Pipfile.lock',
    JSON.stringify({ _meta: { sources: [{ name: 'x', url: 'https://evil.invalid/simple' }] }, default: {} }),
    'lock/foreign-host',
  ],
  [
    'a git repository',
    'Pipfile.lock',
    JSON.stringify({ _meta: { sources: [] }, default: { n: { git: 'https://h.example/n.git', ref: 'abc' } } }),
    'lock/not-from-registry',
  ],
  [
    'a replacement by another module',
    'go.mod',
    'module x\nrequire example.org/n v1.0.0\nreplace example.org/n => evil.invalid/n v1.0.0\n',
    'lock/not-from-registry',
  ],
  [
    'a replacement outside',
    'go.mod',
    'module x\nreplace (\n\texample.org/n v1.0.0 => ../out\n)\n',
    'lock/link-outside',
  ],
  [
    'a git repository',
    'Cargo.lock',
    'version = 4\n[[package]]\nname = "n"\nversion = "1.0.0"\nsource = "git+https://h.example/n#abc"\n',
    'lock/not-from-registry',
  ],
  [
    'another registry',
    'Cargo.lock',
    `version = 4\n[[package]]\nname = "n"\nversion = "1.0.0"\nsource = "sparse+https://evil.invalid/index/"\nchecksum = "${HEX}"\n`,
    'lock/foreign-host',
  ],
  [
    "another owner's index on the same host",
    'Cargo.lock',
    `version = 4\n[[package]]\nname = "n"\nversion = "1.0.0"\nsource = "registry+https://github.com/evil/crates.io-index"\nchecksum = "${HEX}"\n`,
    'lock/foreign-host',
  ],
  [
    'no checksum',
    'Cargo.lock',
    'version = 4\n[[package]]\nname = "n"\nversion = "1.0.0"\nsource = "sparse+https://index.crates.io/"\n',
    'lock/no-integrity',
  ],
  [
    'another host',
    'composer.lock',
    JSON.stringify({
      packages: [
        { name: 'v/n', version: '1.0.0', dist: { type: 'zip', url: 'https://evil.invalid/n.zip', reference: 'abc' } },
      ],
    }),
    'lock/foreign-host',
  ],
  [
    'a folder outside',
    'composer.lock',
    JSON.stringify({ packages: [{ name: 'v/n', version: '1.0.0', dist: { type: 'path', url: '../out' } }] }),
    'lock/link-outside',
  ],
  [
    'another gem server',
    'Gemfile.lock',
    'GEM\n  remote: https://evil.invalid/\n  specs:\n    n (1.0.0)\n',
    'lock/foreign-host',
  ],
  [
    'a git repository',
    'Gemfile.lock',
    'GIT\n  remote: https://h.example/n.git\n  revision: abc\n  specs:\n    n (1.0.0)\n',
    'lock/not-from-registry',
  ],
  ['a folder outside', 'Gemfile.lock', 'PATH\n  remote: ../out\n  specs:\n    n (1.0.0)\n', 'lock/link-outside'],
])('%s in a first %s is a fault', (_what, path, text, rule) => {
  expect(faults([path, text])).toEqual([rule]);
  expect(faults([path, text], [path, text])).toEqual([]);
});

/** Formats that hold hashes: the same version with another one. */
test.each(SAMPLES.filter(({ format }) => !['gradle', 'go-mod', 'npm'].includes(format)))(
  'other content under the same version of $path is a fault',
  ({ path, text }) => {
    const swapped = text
      .replaceAll(SRI, OTHER)
      .replaceAll(HEX, 'ef'.repeat(32))
      .replaceAll('a'.repeat(40), 'e'.repeat(40))
      .replaceAll('a'.repeat(128), 'e'.repeat(128))
      .replaceAll(`h1:${'A'.repeat(43)}=`, `h1:${'B'.repeat(43)}=`);
    expect(swapped).not.toBe(text);
    expect(faults([path, swapped], [path, text])).toContain('lock/integrity-changed');
  },
);

test('one hash of several that is swapped is a fault; a file more or less is none', () => {
  const [a, b, c] = ['aa', 'bb', 'cc'].map((two) => `--hash=sha256:${two.repeat(32)}`);
  const text = (...hashes: (string | undefined)[]): [string, string] => [
    'requirements.txt',
    `n==1.0 ${hashes.join(' ')}\n`,
  ];
  expect(faults(text(a, c), text(a, b))).toEqual(['lock/integrity-changed']);
  expect(faults(text(a), text(a, b))).toEqual([]);
  expect(faults(text(a, b), text(a))).toEqual([]);
});

test('a composer package that moves to another repository is a fault', () => {
  const at = (owner: string, version: string): [string, string] => [
    'composer.lock',
    JSON.stringify({
      packages: [
        {
          name: 'v/n',
          version,
          dist: { type: 'zip', url: `https://api.github.com/repos/${owner}/n/zipball/${version}`, reference: version },
        },
      ],
    }),
  ];
  expect(faults(at('v', '2'), at('v', '1'))).toEqual([]);
  expect(faults(at('evil', '2'), at('v', '1'))).toEqual(['lock/other-package']);
});

test('a migration to another lockfile of the same content is in order, and a swap in it is not', () => {
  const base: [string, string] = [NPM, npm(GOOD)];
  const head = (sum: string): [string, string] => [
    'pnpm-lock.yaml',
    pnpm(`packages:\n  good@1.0.0:\n    resolution: {integrity: ${sum}}\n`),
  ];
  expect(faults(head(SRI), base)).toEqual([]);
  expect(faults(head(OTHER), base)).toEqual(['lock/integrity-changed']);
});
