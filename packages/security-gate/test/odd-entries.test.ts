import { computeSecurityVerdict, type SecurityPolicy } from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { githubToken } from './fake-secrets.ts';
import { planting } from './planted.ts';
import { expectSilent, scanned } from './scanned.ts';

const plant = planting();
const LIMIT = 1000;
const big = (bytes: number): string => 'a line of words\n'.repeat(bytes / 16 + 1).slice(0, bytes);
const OTHER = '1'.repeat(40);

function world() {
  const repo = plant();
  const base = repo.commit({ a: 'x' });
  /** Commits a gitlink at `path`, beside `.gitmodules` with this text. */
  const link = (path: string, gitmodules: string | null = null): string => {
    if (gitmodules !== null) repo.commit({ '.gitmodules': gitmodules });
    repo.run('update-index', '--add', '--cacheinfo', `160000,${OTHER},${path}`);
    repo.run('commit', '--quiet', '--message=link');
    return repo.run('rev-parse', 'HEAD');
  };
  const scan = (head: string, from = base) => scanned({ git: repo.git, base: from, head, largeBytes: LIMIT });
  return { repo, base, link, scan };
}

describe('a gitlink', () => {
  const entry = (path: string) => `[submodule "x"]\n\tpath = ${path}\n\turl = https://example.invalid/x\n`;

  test.each([
    ['no .gitmodules', 'vendor/lib', null, true],
    ['a .gitmodules of another path', 'vendor/lib', entry('vendor/other'), true],
    ['a .gitmodules that names it', 'vendor/lib', entry('vendor/lib'), false],
    ['a quoted name', 'vendor/a "lib"', entry('"vendor/a \\"lib\\""'), false],
    ['line ends of another system', 'vendor/lib', entry('vendor/lib').replaceAll('\n', '\r\n'), false],
  ])('with %s', async (_title, path, gitmodules, stray) => {
    const { link, scan } = world();
    const { strayLinks } = await scan(link(path, gitmodules));
    expect(strayLinks).toEqual(stray ? [{ path, commit: OTHER }] : []);
  });

  test('that base has already is not the branch’s, and one that it takes out is none', async () => {
    const { repo, link, scan } = world();
    const had = link('lib');
    repo.run('commit', '--quiet', '--allow-empty', '--message=still there');
    expect((await scan(repo.run('rev-parse', 'HEAD'), had)).strayLinks).toEqual([]);
    const out = repo.commit({ b: 'y' });
    expect(repo.run('ls-tree', '--name-only', out).split('\n')).not.toContain('lib');
    expect((await scan(out, had)).strayLinks).toEqual([]);
  });

  test('whose name holds a secret is shown without it', async () => {
    const token = githubToken('link');
    const { link, scan } = world();
    expectSilent(await scan(link(`x-${token}`)), token);
  });
});

describe('a large file', () => {
  test('is listed with its place, though a later commit takes it out', async () => {
    const { repo, scan } = world();
    repo.commit({ 'small.bin': big(LIMIT), 'big.bin': big(LIMIT + 1), 'gone.bin': big(2 * LIMIT) });
    const { large = [] } = await scan(repo.commit({ 'gone.bin': null }));
    expect(large.map(({ path, bytes }) => [path, bytes]).sort()).toEqual([
      ['big.bin', LIMIT + 1],
      ['gone.bin', 2 * LIMIT],
    ]);
  });

  test('is none where no size is asked for, and none where base has it', async () => {
    const { repo, base, scan } = world();
    const had = repo.commit({ 'big.bin': big(5 * LIMIT) });
    expect((await scanned({ git: repo.git, base, head: had })).large).toEqual([]);
    expect((await scan(repo.commit({ b: 'y' }), had)).large).toEqual([]);
  });
});

describe('the verdict', () => {
  async function verdictOf(policy: Partial<SecurityPolicy>) {
    const { repo, base, link, scan } = world();
    repo.commit({ 'big.bin': big(2 * 1024 * 1024) });
    const head = link('lib');
    const { check } = computeSecurityVerdict({
      scan: await scan(head),
      audit: null,
      policy: { depAuditEnabled: false, depFailClosed: false, ...policy },
      commits: { base, head },
      nonce: 'n',
      configDigest: 'd',
    });
    return {
      status: check.status,
      reason: check.reason,
      rules: check.findings.map(({ rule }) => rule),
      warnings: check.warnings,
    };
  }

  test('warns of both, unless the policy says block', async () => {
    const warned = await verdictOf({});
    expect(warned).toMatchObject({ status: 'pass', rules: [] });
    expect(warned.warnings.filter((one) => one.startsWith('entry/'))).toEqual([
      expect.stringMatching(
        /^entry\/gitlink: lib is a commit of another repository \(111111111111\) that no \.gitmodules/,
      ),
      expect.stringMatching(/^entry\/large-file: big\.bin has 2\.0 MiB, more than the policy allows\. /),
    ]);
  });

  test.each([
    [{ gitlinks: 'block' }, ['entry/gitlink'], '1 file'],
    [{ largeFiles: 'block' }, ['entry/large-file'], '1 file'],
    [{ gitlinks: 'block', largeFiles: 'block' }, ['entry/gitlink', 'entry/large-file'], '2 files'],
  ] as const)('of %j fails for it', async (policy, rules, count) => {
    const failed = await verdictOf(policy);
    expect(failed).toMatchObject({ status: 'fail', rules });
    expect(failed.reason).toBe(
      `the change adds 0 secrets and 0 dependency problems, and ${count} that the policy keeps out`,
    );
  });
});

test('files that steer a package manager, a scanner or CI are listed, in any case of letters', async () => {
  const { repo, scan } = world();
  const files = [
    '.NPMRC',
    '.GitLeaks.toml',
    'app/.PnpmFile.mjs',
    '.GitHub/workflows/x.yml',
    '.corepack.env',
    'NuGet.Config',
  ];
  const { trustFiles } = await scan(
    repo.commit(Object.fromEntries([...files, 'npmrc.md', 'src/auth.json.ts'].map((path) => [path, path]))),
  );
  expect(trustFiles).toEqual([...files].sort());
});

test('files that instruct agents are listed as trust files, in any spelling', async () => {
  const { repo, scan } = world();
  const files = [
    'AGENTS.md',
    'src/claude.md',
    '.clinerules',
    '.windsurf/rules.md',
    'docs/copilot-instructions.md',
    'QWEN.md',
  ];
  const { trustFiles } = await scan(
    repo.commit(Object.fromEntries([...files, 'src/a.ts'].map((path) => [path, path]))),
  );
  expect(trustFiles).toEqual([...files].sort());
});
