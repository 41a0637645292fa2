import { scanSecrets } from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { ALL, githubToken, noise, planeKey } from './fake-secrets.ts';
import { type Files, planting } from './planted.ts';
import { expectSilent, scanned } from './scanned.ts';

const plant = planting();

/** Scans one commit of `files` on top of `base` files. */
async function scanChange(base: Files, files: Files, message = 'work') {
  const repo = plant();
  const from = repo.commit({ 'README.md': 'x\n', ...base }, 'base');
  const head = repo.commit(files, message);
  return { repo, from, head, answer: await scanned({ git: repo.git, base: from, head }) };
}

test('every kind of secret the gate knows is found in a new file, once, and never shown', async () => {
  const files = Object.fromEntries(
    ALL.map(([name, text]) => [`${name.replaceAll(' ', '-')}.txt`, `first line\n${text}\n`]),
  );
  const { answer } = await scanChange({}, files);
  const found = answer.findings.map(({ path }) => path.replace('.txt', '').replaceAll('-', ' '));
  expect(found.sort()).toEqual(ALL.map(([name]) => name.replaceAll('-', ' ')).sort());
  for (const { line } of answer.findings) expect(line).toBeGreaterThanOrEqual(2);
  for (const [, , secret] of ALL) expectSilent(answer, secret);
});

test('a secret is reported by rule, path, commit, blob, line, column and length', async () => {
  const token = githubToken('place');
  const { repo, head, answer } = await scanChange({}, { 'src/a.ts': `one\nconst t = '${token}';\n` });
  expect(answer.findings).toEqual([
    {
      rule: 'secret/github',
      why: 'it has the form that GitHub documents',
      path: 'src/a.ts',
      commit: head,
      blob: repo.run('rev-parse', 'HEAD:src/a.ts'),
      line: 2,
      column: 12,
      length: 40,
      fingerprint: expect.stringMatching(/^fp1:[0-9a-f]{20}$/),
      where: 'content',
      encoding: 'text',
      count: 1,
    },
  ]);
});

test('a secret added and deleted again is found in the commit that added it', async () => {
  const repo = plant();
  const base = repo.commit({ a: 'x' });
  const added = repo.commit({ 'b.env': githubToken('gone') });
  const head = repo.commit({ 'b.env': null });
  const { findings } = await scanned({ git: repo.git, base, head });
  expect(findings).toMatchObject([{ path: 'b.env', commit: added }]);
});

test('a secret that only a merge commit holds is found', async () => {
  const repo = plant();
  const base = repo.commit({ a: '1' });
  repo.run('checkout', '-q', '-b', 'side');
  repo.commit({ b: '2' });
  repo.run('checkout', '-q', 'main');
  repo.commit({ c: '3' });
  repo.run('merge', '-q', '--no-commit', '--no-ff', 'side');
  const head = repo.commit({ 'evil.txt': githubToken('merge') }, 'merge');
  expect(repo.run('rev-list', '--parents', '-1', head).split(' ')).toHaveLength(3);
  expect((await scanned({ git: repo.git, base, head })).findings).toMatchObject([{ path: 'evil.txt', commit: head }]);
});

describe('nothing the branch ships hides a secret:', () => {
  const token = githubToken('hidden');
  test.each<[string, Files]>([
    ['a -diff attribute', { '.gitattributes': '* -diff binary\n', x: token }],
    ['a gitleaks comment', { x: `t = ${token} # gitleaks:allow` }],
    ['a secretlint comment', { x: `// secretlint-disable\nt = ${token} // secretlint-disable-line\n` }],
    ['a nosec comment', { x: `t = ${token} # nosec trufflehog:ignore pragma: allowlist secret` }],
    ['the name of a lockfile', { 'package-lock.json': `{"x":"${token}"}` }],
    ['an SVG', { 'a.svg': `<svg><!-- ${token} --></svg>` }],
    ['a vendor path', { 'vendor/node_modules/x/jquery.min.js': token }],
    ['UTF-16LE with a mark', { x: Buffer.from(`\ufeffa\n${token}\n`, 'utf16le') }],
    ['UTF-16LE without a mark', { x: Buffer.from(`a\n${token}\n`, 'utf16le') }],
    ['UTF-16BE', { x: Buffer.from(`a\n${token}\n`, 'utf16le').swap16() }],
    ['UTF-32', { x: Buffer.from([...`a\n${token}`].flatMap((c) => [0, 0, 0, c.charCodeAt(0)])) }],
    ['a NUL in front', { x: `\0\0\0${token}` }],
    ['a byte that is not UTF-8', { x: Buffer.concat([Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from(` ${token}`)]) }],
    ['invisible characters inside', { x: `${token.slice(0, 20)}\u200b${token.slice(20)}` }],
    ['base64', { x: `data: ${Buffer.from(`token ${token} end`).toString('base64')}\n` }],
    [
      'base64 wrapped at 76',
      {
        x: Buffer.from(`${'some text '.repeat(12)}${token}`)
          .toString('base64')
          .replace(/.{76}/g, '$&\n'),
      },
    ],
    ['base64url', { x: Buffer.from(`??>>${token}`).toString('base64url') }],
    ['hex', { x: `h=${Buffer.from(token).toString('hex')}` }],
    [
      'a minified line of 5 MB',
      { 'x.min.js': `${'var a=b+c;'.repeat(250_000)}"${token}"${'var a=b+c;'.repeat(250_000)}` },
    ],
  ])('%s', async (_name, files) => {
    const { answer } = await scanChange({}, files);
    expect(answer.findings).toMatchObject([{ rule: 'secret/github', length: 40 }]);
    expectSilent(answer, token);
  });

  test('a scanner configuration, which is listed as a notice', async () => {
    const { answer } = await scanChange(
      {},
      {
        '.gitleaks.toml': '[allowlist]\npaths = [".*"]\n',
        '.gitleaksignore': 'x:github-pat:1\n',
        '.secretlintrc.json': '{"rules":[]}',
        'sub/.npmrc': 'audit-level=none\n',
        'osv-scanner.toml': '',
        x: token,
      },
    );
    expect(answer.findings).toHaveLength(1);
    expect(answer.trustFiles).toEqual([
      '.gitleaks.toml',
      '.gitleaksignore',
      '.secretlintrc.json',
      'osv-scanner.toml',
      'sub/.npmrc',
    ]);
  });

  test('a scanner configuration that is deleted again is listed too', async () => {
    const repo = plant();
    const base = repo.commit({ a: 'x' });
    repo.commit({ '.claude/settings.json': '{}' });
    const head = repo.commit({ '.claude/settings.json': null });
    expect((await scanned({ git: repo.git, base, head })).trustFiles).toEqual(['.claude/settings.json']);
  });

  test('a replace ref', async () => {
    const { repo, from, head } = await scanChange({}, { x: token });
    repo.write({ clean: 'nothing\n' });
    const clean = repo.run('hash-object', '-w', 'clean');
    repo.run('replace', repo.run('rev-parse', 'HEAD:x'), clean);
    expect(repo.run('cat-file', 'blob', 'HEAD:x')).toBe('nothing');
    expect((await scanned({ git: repo.git, base: from, head })).findings).toHaveLength(1);
  });

  test('the border of two chunks, wherever it falls', async () => {
    const files = Object.fromEntries(
      [65_496, 65_500, 65_516, 65_535, 65_536, 65_537, 77_824, 77_800, 64_512, 131_072 - 7].map((at) => [
        `at-${at}`,
        `${`${noise(`pad${at}`, 7)}\n`.repeat(Math.ceil(at / 8)).slice(0, at - 1)} ${token} tail\n`,
      ]),
    );
    const { answer } = await scanChange({}, files);
    expect(answer.findings.map(({ path, count }) => `${path} ${count}`).sort()).toEqual(
      Object.keys(files)
        .map((path) => `${path} 1`)
        .sort(),
    );
  });
});

describe('a secret outside of files is found', () => {
  const key = planeKey('outside');
  test('in a commit message', async () => {
    const { head, answer } = await scanChange({}, { a: '2' }, `fix\n\nuse ${key}`);
    expect(answer.findings).toMatchObject([{ where: 'commit', commit: head, path: '' }]);
    expectSilent(answer, key);
  });

  test('in an author name', async () => {
    const repo = plant();
    const base = repo.commit({ a: '1' });
    repo.run('commit', '-q', '--allow-empty', '-m', 'x', `--author=${key} <a@b.example>`);
    expect((await scanned({ git: repo.git, base, head: repo.head() })).findings).toMatchObject([{ where: 'commit' }]);
  });

  test('in the message of a tag', async () => {
    const repo = plant();
    const base = repo.commit({ a: '1' });
    repo.commit({ a: '2' });
    repo.run('tag', '-a', 'v1', '-m', key);
    const { findings } = await scanned({ git: repo.git, base, head: repo.run('rev-parse', 'refs/tags/v1') });
    expect(findings).toMatchObject([{ where: 'tag', commit: null }]);
  });

  test('in a path name, which is masked wherever it is shown', async () => {
    const { head, answer } = await scanChange(
      {},
      { [`logs/${key}.txt`]: `t ${githubToken('in')}`, [`.github/${key}/x.yml`]: 'a' },
    );
    const masked = `logs/${'*'.repeat(key.length)}.txt`;
    expect(answer.findings).toContainEqual(expect.objectContaining({ where: 'path-name', path: masked, commit: head }));
    expect(answer.findings).toContainEqual(expect.objectContaining({ where: 'content', path: masked }));
    expect(answer.trustFiles).toEqual([`.github/${'*'.repeat(key.length)}/x.yml`]);
    expectSilent(answer, key);
  });

  test("in the branch's name", async () => {
    const repo = plant();
    const base = repo.commit({ a: '1' });
    const head = repo.commit({ a: '2' });
    const answer = await scanned({ git: repo.git, base, head, branch: `fix/${key}` });
    expect(answer.findings).toMatchObject([
      { where: 'branch-name', rule: 'secret/plane-api-key', path: '', blob: head },
    ]);
    expect(await scanned({ git: repo.git, base, head, branch: 'fix/plane' })).toMatchObject({ findings: [] });
    expectSilent(answer, key);
  });

  test('in the target of a symbolic link', async () => {
    const { answer } = await scanChange({}, { l: { link: `/tmp/${key}` } });
    expect(answer.findings).toMatchObject([{ where: 'symlink-target', path: 'l' }]);
  });
});

describe('no change is blamed for what base has already:', () => {
  const old = githubToken('old');
  test.each<[string, Files]>([
    ['a rename with an edit', { 'old.env': null, 'new.env': `c\n${old}\n` }],
    ['an edit of another line', { 'old.env': `b\n${old}\nmore\n` }],
    ['a copy in another encoding', { 'copy.txt': Buffer.from(old).toString('base64') }],
  ])('%s', async (_name, files) => {
    const { answer } = await scanChange({ 'old.env': `a\n${old}\n` }, files);
    expect(answer).toMatchObject({ findings: [], introduced: 0, preexisting: [{ rule: 'secret/github' }] });
  });

  test('a changed host beside an unchanged password', async () => {
    const url = (host: string): string => `post${'gres'}://app:${noise('pw', 14)}@${host}/db\n`;
    const { answer } = await scanChange({ 'a.env': url('one') }, { 'a.env': url('two') });
    expect(answer).toMatchObject({ findings: [], preexisting: [{ path: 'a.env' }] });
  });

  test('a secret replaced by a new one blames for the new one only', async () => {
    const { answer } = await scanChange({ a: old }, { a: githubToken('new'), b: `${old}\n` });
    expect(answer.findings).toMatchObject([{ path: 'a' }]);
    expect(answer.preexisting).toMatchObject([{ path: 'b' }]);
  });

  test('a pure rename adds no object and so nothing to scan', async () => {
    const { answer } = await scanChange({ 'old.env': old }, { 'old.env': null, 'new.env': old });
    expect(answer).toMatchObject({ findings: [], introduced: 0 });
  });

  test('but a secret that base had deleted before is new when the branch brings it back', async () => {
    const repo = plant();
    repo.commit({ a: old });
    const base = repo.commit({ a: null, b: 'x' });
    const head = repo.commit({ c: old });
    expect((await scanned({ git: repo.git, base, head })).findings).toMatchObject([{ path: 'c' }]);
  });
});

describe('an allow entry of base', () => {
  const nowMs = Date.parse('2026-06-15T12:00:00Z');
  let planted: ReturnType<typeof scanChange> | null = null;
  async function withEntry(change: object) {
    planted ??= scanChange({}, { 'test/fixture.ts': githubToken('fixture') });
    const { repo, from, head, answer } = await planted;
    const fingerprint = answer.findings[0]?.fingerprint ?? '';
    const entry = { fingerprint, path: 'test/fixture.ts', reason: 'made up', expires: '2026-06-15', ...change };
    return {
      again: await scanned({ git: repo.git, base: from, head, allow: [entry], nowMs }),
      repo,
      from,
      fingerprint,
    };
  }

  test('silences its finding until the end of its last day, and is reported', async () => {
    const { again } = await withEntry({});
    expect(again).toMatchObject({ findings: [], introduced: 0, allowed: [{ path: 'test/fixture.ts' }], expired: [] });
  });

  test.each([
    ['is past its day', { expires: '2026-06-14' }, 1],
    ['has no day', { expires: 'never' }, 1],
    ['names another path', { path: 'test/other.ts' }, 0],
    ['names another fingerprint', { fingerprint: 'fp1:00000000000000000000' }, 0],
    ['names no fingerprint', { fingerprint: '' }, 0],
  ])('that %s silences nothing', async (_name, change, expired) => {
    const { again } = await withEntry(change);
    expect(again).toMatchObject({ introduced: 1, findings: [{ path: 'test/fixture.ts' }], allowed: [] });
    expect(again.expired).toHaveLength(expired);
  });

  test('survives an edit of the file and a rebase, but not another secret in its place', async () => {
    const { repo, from, fingerprint } = await withEntry({});
    const entry = { fingerprint, path: 'test/fixture.ts', reason: 'made up', expires: '2026-06-15' };
    const edited = repo.commit({ 'test/fixture.ts': `// moved\n${githubToken('fixture')}\n` });
    expect(await scanned({ git: repo.git, base: from, head: edited, allow: [entry], nowMs })).toMatchObject({
      introduced: 0,
    });
    const swapped = repo.commit({ 'test/fixture.ts': githubToken('real') });
    expect(await scanned({ git: repo.git, base: from, head: swapped, allow: [entry], nowMs })).toMatchObject({
      introduced: 1,
    });
  });
});

test('what is no secret is not blamed', async () => {
  const hash = noise('sha', 40, '0123456789abcdef');
  const { answer } = await scanChange(
    {},
    {
      'a.ts':
        "const token = readToken();\nconst password = process.env['DB_PASSWORD'];\ntoken: session.accessToken2,\n",
      'b.yml': `uses: actions/create-token@${hash}\npassword: \${{ secrets.DB_PASSWORD }}\ntoken: "<your-token-1>"\n`,
      'c.md': `AWS_ACCESS_KEY_ID=${['AKIA', 'IOSFODNN7', 'EXAMPLE'].join('')}\npassword=changeme123\nsecret: xxxxxxxx1234\n`,
      'd.env': `DATABASE_URL=post${'gres'}://postgres:postgres@localhost/test\nTOKEN_FILE=/run/secrets/token1\n`,
      'e.json': `{"tokenizer": "bert-base-uncased-v2", "apiKeyId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}\n`,
      'package-lock.json': `{"integrity": "sha512-${noise('int', 86)}=="}\n`,
      'f.ts': "export const SECRET_KEYS = ['a1','b2'];\nif (passwordInput2 == confirmPassword2) accept();\n",
      'g.pem.md': '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n',
    },
    `bump\n\nReviewed-by: ${hash}`,
  );
  expect(answer.findings).toEqual([]);
});

/** Of many secrets a fifth is written, unless all tools are demanded. */
const SHARE = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 1 : 0.2;

test(`${25_000 * SHARE} secrets in one file are capped in the report and counted`, async () => {
  const lines = Array.from(
    { length: 25_000 * SHARE },
    (_, n) => `https://u${n}:${noise(`flood${n}`, 12)}@host.internal/\n`,
  );
  const { answer } = await scanChange({}, { flood: lines.join('') });
  expect(answer.findings).toHaveLength(50);
  expect(answer.introduced).toBeGreaterThan(24_900 * SHARE);
});

test('thousands of secrets that stand on main blame no branch that touches their file, and all are counted', async () => {
  const old = Array.from(
    { length: 2_500 * SHARE },
    (_, n) => `https://u${n}:${noise(`old${n}`, 12)}@host.internal/\n`,
  ).join('');
  const { answer } = await scanChange({ list: old }, { list: `${old}a line\n` });
  expect([answer.findings, answer.introduced, answer.preexisting.length, answer.standing]).toEqual([
    [],
    0,
    50,
    2_500 * SHARE,
  ]);
});

test('an archive is scanned as bytes and listed as not scanned by content', async () => {
  const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), Buffer.alloc(500, 7)]);
  const { answer } = await scanChange(
    {},
    { 'a.zip': zip, 'b.docx': Buffer.concat([zip, Buffer.from(` ${githubToken('raw')} `)]) },
  );
  expect(answer.objects.unscannable.map(({ path, reason }) => `${path} ${reason}`).sort()).toEqual([
    'a.zip compressed',
    'b.docx compressed',
  ]);
  expect(answer.findings).toMatchObject([{ path: 'b.docx' }]);
});

test('every new object is accounted for', async () => {
  const { repo, from, head, answer } = await scanChange({}, { 'a/b/c.txt': '1', 'a/d.txt': '2' });
  const total = repo.run('rev-list', '--objects', head, `^${from}`).split('\n').length;
  expect(answer.objects).toEqual({ total, scanned: total, unscannable: [] });
});

test('a branch without new objects is clean, with the canary found', async () => {
  const repo = plant();
  const base = repo.commit({ a: '1' });
  expect(await scanSecrets({ git: repo.git, base, head: base })).toMatchObject({
    kind: 'scanned',
    objects: { total: 0 },
  });
});
