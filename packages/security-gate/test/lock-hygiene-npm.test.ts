import { describe, expect, test } from '@jest/globals';
import { entry, faults, GOOD, NPM, type NpmEntry, npm, OTHER, PUBLIC } from './lock-faults.ts';

describe('package-lock.json, first or not:', () => {
  test.each<[string, { readonly [place: string]: NpmEntry }, string]>([
    [
      'another host',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'https://evil.invalid/n/-/n-1.0.0.tgz' }) },
      'lock/foreign-host',
    ],
    [
      'a host that only looks like the registry',
      {
        'node_modules/n': entry('n', '1.0.0', { resolved: 'https://registry.npmjs.org.evil.invalid/n/-/n-1.0.0.tgz' }),
      },
      'lock/foreign-host',
    ],
    [
      'a host behind a user name',
      {
        'node_modules/n': entry('n', '1.0.0', { resolved: 'https://registry.npmjs.org@evil.invalid/n/-/n-1.0.0.tgz' }),
      },
      'lock/foreign-host',
    ],
    [
      'another port',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'https://registry.npmjs.org:444/n/-/n-1.0.0.tgz' }) },
      'lock/foreign-host',
    ],
    [
      'plain http',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'http://registry.npmjs.org/n/-/n-1.0.0.tgz' }) },
      'lock/not-from-registry',
    ],
    [
      'git over ssh',
      { 'node_modules/n': { version: '1.0.0', resolved: 'git+ssh://git@h.example/n.git#abc' } },
      'lock/not-from-registry',
    ],
    [
      'an archive of a shared host',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'https://codeload.github.com/o/n/tar.gz/abc' }) },
      'lock/foreign-host',
    ],
    [
      'the archive of another package',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: `${PUBLIC}/evil/-/evil-1.0.0.tgz` }) },
      'lock/other-package',
    ],
    [
      'the archive of another version',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: `${PUBLIC}/n/-/n-0.9.0.tgz` }) },
      'lock/other-package',
    ],
    [
      'an address that is no package',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: `${PUBLIC}/x/n.tgz` }) },
      'lock/other-package',
    ],
    [
      'an address with a folder before the package',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: `${PUBLIC}/evil/n/-/n-1.0.0.tgz` }) },
      'lock/other-package',
    ],
    [
      'an alias without its real name',
      { 'node_modules/nice': entry('nice', '1.0.0', { resolved: `${PUBLIC}/bad/-/bad-1.0.0.tgz` }) },
      'lock/other-package',
    ],
    ['a link outside', { 'node_modules/n': { resolved: '../../outside', link: true } }, 'lock/link-outside'],
    ['a workspace outside', { '../outside': { version: '1.0.0' } }, 'lock/link-outside'],
    [
      'an archive outside',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'file:../n-1.0.0.tgz' }) },
      'lock/link-outside',
    ],
    ['an absolute path', { 'node_modules/n': entry('n', '1.0.0', { resolved: 'file:///etc/n' }) }, 'lock/link-outside'],
    [
      'an archive in the repository',
      { 'node_modules/n': entry('n', '1.0.0', { resolved: 'file:vendor/n-1.0.0.tgz' }) },
      'lock/not-from-registry',
    ],
    ['no integrity', { 'node_modules/n': entry('n', '1.0.0', { integrity: undefined }) }, 'lock/no-integrity'],
    ['neither integrity nor address', { 'node_modules/n': { version: '1.0.0' } }, 'lock/no-integrity'],
    [
      'a script that runs',
      { 'node_modules/n': entry('n', '1.0.0', { hasInstallScript: true }) },
      'lock/new-install-script',
    ],
  ])('%s', (_name, packages, rule) => {
    expect(faults([NPM, npm({ ...GOOD, ...packages })])).toEqual([rule]);
    expect(faults([NPM, npm({ ...GOOD, ...packages })], [NPM, npm(GOOD)])).toEqual([rule]);
    const both = npm({ ...GOOD, ...packages });
    expect(faults([NPM, npm({ ...GOOD, ...packages, 'node_modules/m': entry('m', '1.0.0') })], [NPM, both])).toEqual(
      [],
    );
  });

  test.each<[string, NpmEntry, string]>([
    ['other content', { integrity: OTHER }, 'lock/integrity-changed'],
    ['a weaker hash', { integrity: `sha1-${'A'.repeat(27)}=` }, 'lock/integrity-changed'],
    ['no hash any more', { integrity: undefined }, 'lock/integrity-changed'],
    ['a script all at once', { hasInstallScript: true }, 'lock/install-script'],
  ])('the same version with %s', (_name, more, rule) => {
    expect(faults([NPM, npm({ 'node_modules/good': entry('good', '1.0.0', more) })], [NPM, npm(GOOD)])).toContain(rule);
    expect(
      faults(['npm-shrinkwrap.json', npm({ 'node_modules/good': entry('good', '1.0.0', more) })], [NPM, npm(GOOD)]),
    ).toContain(rule);
  });

  test('a new version with a weaker kind of hash than the old one', () => {
    const weak = npm({ 'node_modules/good': entry('good', '1.0.1', { integrity: `sha1-${'A'.repeat(27)}=` }) });
    expect(faults([NPM, weak], [NPM, npm(GOOD)])).toEqual(['lock/weak-integrity']);
  });

  test('what is usual is in order: a stronger hash, a bundled package, a workspace, a mirror that base uses', () => {
    const old = npm({ 'node_modules/good': entry('good', '1.0.0', { integrity: `sha1-${'A'.repeat(27)}=` }) });
    expect(faults([NPM, npm(GOOD)], [NPM, old])).toEqual([]);
    const bundled = { 'node_modules/good/node_modules/in': { version: '1.0.0', inBundle: true } };
    const workspace = { 'packages/a': { version: '1.0.0' }, 'node_modules/a': { resolved: 'packages/a', link: true } };
    expect(faults([NPM, npm({ ...GOOD, ...bundled, ...workspace })], [NPM, npm(GOOD)])).toEqual([]);
    const mirror = (name: string) =>
      entry(name, '1.0.0', { resolved: `https://mirror.example/npm/${name}/-/${name}-1.0.0.tgz` });
    const from = npm({ 'node_modules/good': mirror('good') });
    expect(
      faults([NPM, npm({ 'node_modules/good': mirror('good'), 'node_modules/n': mirror('n') })], [NPM, from]),
    ).toEqual([]);
  });

  test('a base that fetches everything from its own mirror is not led to the public registry', () => {
    const mirror = entry('good', '1.0.0', { resolved: 'https://mirror.example/good/-/good-1.0.0.tgz' });
    expect(
      faults(
        [NPM, npm({ 'node_modules/good': mirror, 'node_modules/n': entry('n', '1.0.0') })],
        [NPM, npm({ 'node_modules/good': mirror })],
      ),
    ).toEqual(['lock/foreign-host']);
  });

  test('one repository on a shared host vouches for no other', () => {
    const at = (owner: string, name: string) =>
      entry(name, '1.0.0', { resolved: `https://codeload.github.com/${owner}/${name}/tar.gz/abc` });
    const base = npm({ 'node_modules/n': at('o', 'n') });
    expect(
      faults([NPM, npm({ 'node_modules/n': at('o', 'n'), 'node_modules/m': at('evil', 'm') })], [NPM, base]),
    ).toEqual(['lock/foreign-host']);
    expect(faults([NPM, npm({ 'node_modules/n': at('evil', 'n') })], [NPM, base])).toContain('lock/other-package');
  });
});
