/** The smallest repository on which every guard is green; each planted violation is one overlay on it. */
import { PACKING, publishedFields } from '../src/guards/published.ts';
import { type RepoTree, treeOf } from '../src/tree.ts';

export const ROOT = '/lab/desk/gatehouse';

const TEST_SCRIPT = 'node ../../node_modules/jest/bin/jest.js --ci --json --outputFile=test-results.json';
const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A manifest like those of the packages; `uses` are packages of ours. */
export function manifest(short: string, uses: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  return pretty({
    name: `@gatehouse/${short}`,
    license: 'MIT',
    type: 'module',
    files: [],
    exports: {
      '.': { 'gatehouse:src': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    scripts: { build: 'tsc -b', test: TEST_SCRIPT, coverage: TEST_SCRIPT, typecheck: 'tsc -b test', ...PACKING },
    dependencies: Object.fromEntries(uses.map((name) => [`@gatehouse/${name}`, 'workspace:*'])),
    devDependencies: { '@jest/globals': '30.5.2' },
    engines: { node: '>=22.18' },
    ...publishedFields(`packages/${short}`),
    ...more,
  });
}

function packageFiles(short: string, uses: readonly string[]): Record<string, string> {
  const dir = `packages/${short}`;
  return {
    [`${dir}/package.json`]: manifest(short, uses),
    [`${dir}/jest.config.mjs`]: "export { default } from '../../jest.preset.mjs';\n",
    [`${dir}/README.md`]: `# ${short}\n`,
    [`${dir}/src/index.ts`]: "/** The door. */\nexport { work } from './work.ts';\n",
    [`${dir}/src/work.ts`]: `${uses.map((name) => `import '@gatehouse/${name}';\n`).join('')}export const work = 1;\n`,
    [`${dir}/test/boundary.test.ts`]: "import { test } from '@jest/globals';\nimport '../examples/first.ts';\ntest;\n",
    [`${dir}/examples/first.ts`]: `import '@gatehouse/${short}';\n`,
  };
}

const CHECK_VERDICT = `/** Answers. */
export type Cause =
  | 'lock-busy'
  | 'infra';
interface Explained { readonly reason: string }
export type CheckVerdict =
  | (Explained & { readonly status: 'pass' | 'fail' })
  | (Explained & { readonly status: 'defer'; readonly cause: Cause });
`;

export const SMALL: Readonly<Record<string, string>> = {
  'package.json': pretty({ name: 'root', private: true, devDependencies: { jest: '30.5.2' } }),
  '.gitignore': 'node_modules/\npackage-lock.json\n',
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
  'README.md': '# Small\n\nSee [the map](docs/architecture.md#the-map) and [decisions](docs/adr/).\n',
  'docs/architecture.md':
    '# The map\n\n| place | holds | may import |\n|---|---|---|\n| `packages/verdict` | a | nothing |\n| `packages/proc-group` | b | verdict |\n| `packages/git` | c | verdict, proc-group |\n| `packages/merge-gate` | d | verdict, proc-group, git, gate-run |\n| `apps/orchestrator` | e | everything above |\n\n## Inside `apps/orchestrator/src`\n\n| place | holds |\n|---|---|\n| `main.ts`, `settings.ts` | the process |\n| `http/`, `store/`, `forges/`, `platform/` | its parts |\n',
  'docs/glossary.md':
    '# Words\n\n| word | meaning |\n|---|---|\n| `pass`, `fail`, `defer` | statuses |\n| `lock-busy`, `infra` | causes |\n| `neverRaise` | a wrapping |\n',
  'docs/adr/README.md': '# Decisions\n\n- [0001](0001-outcomes-are-values.md)\n',
  'docs/adr/0001-outcomes-are-values.md': '# 1. Outcomes are values\n',
  ...packageFiles('verdict', []),
  ...packageFiles('proc-group', ['verdict']),
  ...packageFiles('git', ['verdict', 'proc-group']),
  ...packageFiles('merge-gate', ['verdict', 'git']),
  'packages/verdict/src/index.ts':
    "export type { Cause, CheckVerdict } from './check-verdict.ts';\nexport { type Crashed, neverRaise } from './crashed.ts';\n",
  'packages/verdict/src/check-verdict.ts': CHECK_VERDICT,
  'packages/verdict/src/closed.ts': ['StopWord', 'Level', 'TaskStatus', 'Profile', 'JobKind']
    .map((type) => `export type ${type} = 'fail' | 'pass';\n`)
    .join(''),
  'packages/verdict/src/crashed.ts':
    'export function neverRaise() {\n  try {\n    return 1;\n  } catch {\n    return 0;\n  }\n}\n',
  'packages/verdict/src/invariant.ts': "export function invariant(): void {\n  throw new Error('invariant');\n}\n",
  'packages/merge-gate/src/file-lease.ts':
    "import { LeaseProof } from '@gatehouse/verdict';\nexport const mint = () => new LeaseProof('r', 'h', 1);\n",
  'apps/orchestrator/package.json': manifest('orchestrator', ['git'], { bin: {} }),
  'apps/orchestrator/jest.config.mjs': "export { default } from '../../jest.preset.mjs';\n",
  'apps/orchestrator/src/main.ts':
    "import '@gatehouse/git';\nimport { environment } from './platform/process-environment.ts';\nenvironment;\n",
  'apps/orchestrator/src/settings.ts': 'export const settings = 1;\n',
  'apps/orchestrator/src/platform/process-environment.ts': 'export const environment = process.env;\n',
  ...Object.fromEntries(
    ['http/auth.ts', 'store/task.ts', 'forges/port.ts'].map((path) => [
      `apps/orchestrator/src/${path}`,
      'export {};\n',
    ]),
  ),
  'apps/orchestrator/test/main.test.ts': "import { test } from '@jest/globals';\ntest;\n",
};

/** What an overlay does to a file: new text, an edit of the old text, or nothing left of it. */
export type Overlay = Readonly<Record<string, string | ((old: string) => string) | null>>;

const clean = treeOf(ROOT, SMALL);

/** The small repository with the overlay; untouched files stay the very same objects, so their tokens are reused. */
export function planted(overlay: Overlay): RepoTree {
  const files = new Map(clean.files);
  for (const [path, change] of Object.entries(overlay)) {
    const text = typeof change === 'function' ? change(SMALL[path] ?? '') : change;
    if (text !== null && text === SMALL[path]) throw new Error(`the overlay leaves ${path} as it is`);
    if (text === null) files.delete(path);
    else files.set(path, { path, text });
  }
  return { root: clean.root, files };
}
