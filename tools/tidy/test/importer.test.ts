/**
 * Somebody installs the packages from what a registry would get, in an empty project, and does what each README says. Dear, so only
 * GATEHOUSE_REQUIRE_TOOLS=1 runs it: CI does.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportsOf } from '../src/api/declarations.ts';
import { costsOf, saidCosts } from '../src/importer/costs.ts';
import { examplesOf, firstExample, saidBy } from '../src/importer/examples.ts';
import { ImporterProject, NAMES } from '../src/importer/project.ts';

const JUDGE = join(import.meta.dirname, '../src/importer/judge.ts');
const project = new ImporterProject(mkdtempSync(join(tmpdir(), 'gatehouse-importer-')));
let tarballs: ReadonlyMap<string, string> = new Map();
const installed = (name: string, path: string): string => join(project.dir, 'node_modules/@gatehouse', name, path);
const examplesIn = (name: string): readonly string[] => examplesOf(exportsOf(installed(name, '.')));
const readme = (name: string): string => readFileSync(installed(name, 'README.md'), 'utf8');
const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

const title = isWhole ? 'an importer' : 'an importer [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]';
(isWhole ? describe : describe.skip)(title, () => {
  beforeAll(() => {
    tarballs = project.pack();
    project.install([...tarballs.values()]);
    for (const name of NAMES) {
      for (const [at, example] of examplesIn(name).entries()) project.write(`${name}-${at}.ts`, example);
      cpSync(installed(name, 'examples/first.ts'), join(project.dir, `first-${name}.ts`));
    }
  });
  afterAll(() => project.remove());

  describe.each(NAMES)('%s', (name) => {
    test('brings its licence, its pages, its sources, declarations and maps, and no test', () => {
      const parts = [
        'LICENSE',
        'README.md',
        'api.md',
        'src/index.ts',
        'dist/index.js',
        'dist/index.d.ts',
        'examples/first.ts',
      ];
      const maps = ['dist/index.js.map', 'dist/index.d.ts.map'];
      expect([...parts, ...maps].filter((path) => !existsSync(installed(name, path)))).toEqual([]);
      expect(['test', 'soak', 'dist/.tsbuildinfo'].filter((path) => existsSync(installed(name, path)))).toEqual([]);
    });

    test('its README opens with an install line and with the example that an editor shows', () => {
      const blocks = [...readme(name).matchAll(/```(\w+)\n/g)].map(([, language]) => language);
      expect(blocks.slice(0, 2)).toEqual(['sh', 'ts']);
      expect(readme(name)).toContain(`\`\`\`sh\nnpm install @gatehouse/${name}\n\`\`\`\n`);
      expect(examplesIn(name)).toContain(firstExample(readme(name)));
    });

    test('each example of its exports runs and prints what its comments say', () => {
      const examples = examplesIn(name);
      expect(examples.map((_, at) => project.run('node', `${name}-${at}.ts`))).toEqual(
        examples.map((example) => ({ status: 0, said: saidBy(example) })),
      );
      expect(examples.filter((example) => saidBy(example) === '')).toEqual([]);
    });

    test('its README says what it costs', () => {
      const said = saidCosts(readme(name));
      const counted = costsOf(project, name, tarballs.get(name) ?? '');
      expect(said?.with).toEqual(counted.with);
      for (const figure of ['packed', 'unpacked', 'installed'] as const)
        expect({ figure, isNear: Math.abs((said?.[figure] ?? 0) / counted[figure] - 1) < 0.1 }).toEqual({
          figure,
          isNear: true,
        });
    });
  });

  test.each([
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('every example compiles with module %s and resolution %s, libraries checked', (module, moduleResolution) => {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2024', types: ['node'] },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
    };
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    expect(project.run('tsc', '-p', '.')).toEqual({ status: 0, said: '' });
  });

  test('are-the-types-wrong and publint find nothing, and would', () => {
    expect(project.run('node', JUDGE, ...tarballs.values())).toEqual({ status: 0, said: '' });
    mkdirSync(join(project.dir, 'bad/package'), { recursive: true });
    const exports = { '.': { default: './a.js', types: './a.d.ts' } };
    writeFileSync(
      join(project.dir, 'bad/package/package.json'),
      JSON.stringify({ name: 'bad', version: '1.0.0', exports }),
    );
    const bad = project.tar('bad/package', 'bad.tgz');
    expect(project.run('node', JUDGE, bad).said).toMatch(/no types[\s\S]*EXPORTS_TYPES_SHOULD_BE_FIRST/);
  });
});
