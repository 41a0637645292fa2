import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dependencyFileOf } from '../src/lock/dependency-files.ts';
import { FORMATS, type FormatId, formatOf } from '../src/lock/formats.ts';
import { readLock } from '../src/lock/read-lock.ts';
import { HEX, SAMPLES, SRI } from './lock-samples.ts';

const read = (text: string | Uint8Array, format: FormatId) =>
  readLock(typeof text === 'string' ? new TextEncoder().encode(text) : text, format);
const named = (text: string, format: FormatId): readonly string[] | string => {
  const answer = read(text, format);
  if (answer.kind === 'malformed') return answer.reason;
  return answer.packages
    .filter(({ role }) => role !== 'local' && role !== 'index')
    .map(({ name, version }) => `${name}@${version}`);
};

test('every format has a sample, and its path is told apart', () => {
  expect(new Set(SAMPLES.map(({ format }) => format))).toEqual(new Set(FORMATS.map(({ id }) => id)));
  for (const { format, path } of SAMPLES) {
    expect(formatOf(path)?.id).toBe(format);
    expect(formatOf(`deep/er/${path}`)?.id).toBe(format);
    expect(formatOf(`node_modules/x/${path}`)).toBeNull();
    expect(formatOf(`my_node_modules/${path}`)?.id).toBe(format);
  }
});

describe.each(SAMPLES.map((one) => [`${one.path} (${one.text.length})`, one] as const))('%s', (_name, sample) => {
  const { format, text, packages } = sample;
  test('is read, with a byte order mark and CRLF alike', () => {
    expect(named(text, format)).toEqual(packages);
    expect(named(`\ufeff${text.replaceAll('\n', '\r\n')}`, format)).toEqual(packages);
  });

  test('cut or changed anywhere it is read or malformed with words, and never throws', () => {
    const bytes = Buffer.from(text);
    const at = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(at, at, fc.uint8Array({ maxLength: 6 }), (one, other, put) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        for (const some of [
          bytes.subarray(0, from),
          Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]),
        ]) {
          const answer = read(some, format);
          expect(answer.kind === 'lock' || answer.reason.length > 3).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is no lockfile is malformed in every format that has a form of its own:', () => {
  const deep = 20_000;
  test.each<[string, string | Uint8Array]>([
    ['HTML', '<html><body>moved</body></html>'],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe, 0x41, 0x00])],
    ['NULs', 'a\0b'],
    ['deep JSON', '['.repeat(deep)],
    ['deep YAML', `a: ${'{a: '.repeat(deep)}`],
    ['deep TOML', `a = ${'['.repeat(deep)}`],
    ['an alias bomb', `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\nlockfileVersion: '9.0'\n__metadata: {version: 8}\n`],
  ])('%s', (_name, text) => {
    for (const { id } of FORMATS) expect([id, read(text, id).kind]).toEqual([id, 'malformed']);
  });
});

test.each<[FormatId, string, string]>([
  [
    'pnpm',
    `lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {resolution: {integrity: x}}\n  a@1.0.0: {resolution: {integrity: y}}\n`,
    'stands twice',
  ],
  ['pnpm', `lockfileVersion: '9.0'\npackages: !!js/function x\n`, 'not YAML'],
  ['pnpm', `lockfileVersion: '12.0'\npackages: {}\n`, 'unknown lockfileVersion'],
  ['pnpm', `lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {resolution: {}}\n`, 'no resolution'],
  ['yarn', `# yarn lockfile v1\n\na@^1:\n  version "1.0.0"\n  version "2.0.0"\n`, 'second time'],
  ['yarn', `# yarn lockfile v1\n\na@^1:\n  version "1.0.0"\n\na@^1:\n  version "1.0.0"\n`, 'stands twice'],
  ['yarn', `# yarn lockfile v1\n\na@^1:\n  resolved "x"\n`, 'no version'],
  ['poetry', '[[package]]\nname = "a"\nname = "b"\n[metadata]\n', 'not TOML'],
  ['uv', 'version = 2\n[[package]]\nname = "a"\n', 'unknown version'],
  ['cargo', 'version = 9\n[[package]]\nname = "a"\nversion = "1.0.0"\n', 'unknown version'],
  ['requirements', 'good==1.0.0\n\u0000', 'NUL'],
  ['requirements', '--run-this x\n', 'unknown option'],
  ['requirements', '{{ cookiecutter.name }}\n', 'requirement 1: no requirement'],
  ['requirements', 'n @@ https://user:word@h.example/n\n', 'no requirement'],
  ['go-mod', 'module x\nrequire (\n', 'open block'],
  ['go-mod', 'module x\nrequire example.org/a latest\n', 'no requirement'],
  ['go-sum', 'example.org/a v1.0.0 h2:abc\n', 'no hash'],
  ['gradle', 'org.example:a\n', 'no dependency'],
  ['bundler', '  stray\n', 'outside every section'],
])('%s: %j is malformed, and says why', (format, text, words) => {
  expect(read(text, format)).toEqual({ kind: 'malformed', reason: expect.stringContaining(words) });
});

test('what a file leaves open is noted: requirements without a version and files it includes', () => {
  const answer = read('-r base.in\ngood>=1\nother\nexact==1.0\n', 'requirements');
  expect(answer).toMatchObject({
    notes: ['no exact version, so not audited: good, other', 'includes base.in'],
  });
});

test('aliases are read under their real name', () => {
  expect(named(`# yarn lockfile v1\n\n"nice@npm:bad@^1":\n  version "1.0.0"\n`, 'yarn')).toEqual(['bad@1.0.0']);
  expect(named(`lockfileVersion: '9.0'\npackages:\n  bad@1.0.0: {resolution: {integrity: ${SRI}}}\n`, 'pnpm')).toEqual([
    'bad@1.0.0',
  ]);
});

test('Cargo finds the checksums of its first version in metadata, poetry those of its old one in metadata.files', () => {
  const source = 'registry+https://github.com/rust-lang/crates.io-index';
  const cargo = read(
    `[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "${source}"\n[metadata]\n"checksum a 1.0.0 (${source})" = "${HEX}"\n`,
    'cargo',
  );
  expect(cargo).toMatchObject({ packages: [{ hashes: [`sha256:${HEX}`] }] });
  const poetry = read(
    `[[package]]\nname = "a"\nversion = "1"\n[metadata.files]\na = [{file = "a-1.zip", hash = "sha256:${HEX}"}]\n`,
    'poetry',
  );
  expect(poetry).toMatchObject({ packages: [{ hashes: [`a-1.zip sha256:${HEX}`] }] });
});

test('long runs of spaces and line breaks take no quadratic time', () => {
  const long = ' '.repeat(2_000_000);
  expect(read(`a==1${long},${long}x`, 'requirements').kind).toBe('malformed');
  for (const { id } of FORMATS) if (id !== 'pnpm') read(`${long}x\n${'\n'.repeat(500_000)}x`, id);
  for (const name of ['pyproject.toml', 'Cargo.toml', 'Gemfile', 'go.mod', 'pom.xml', 'mix.exs', 'package.json']) {
    const file = dependencyFileOf(name);
    expect(file?.kind === 'manifest' && file.asks.test(`x\n${'\n'.repeat(500_000)}${long}`)).toBe(false);
  }
});

test('twenty thousand packages are read without quadratic time', () => {
  const entries = Array.from({ length: 20_000 }, (_, n) => `p${n}@^1:\n  version "1.0.${n}"\n`).join('\n');
  expect(named(`# yarn lockfile v1\n\n${entries}`, 'yarn')).toHaveLength(20_000);
  const sums = Array.from({ length: 20_000 }, (_, n) => `example.org/p${n} v1.0.0 h1:${'A'.repeat(43)}=`).join('\n');
  expect(named(sums, 'go-sum')).toHaveLength(20_000);
});
