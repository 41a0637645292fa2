/**
 * What the service is built on, bundled for the tests: jest resolves, reads and compiles every module anew for each test file, and six
 * hundred small ones cost it 0.2 s of CPU each time. All names come from one build, so that each module is there once.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OWN = fileURLToPath(import.meta.url);
const ROOT = dirname(dirname(OWN));
/** Among the packages of the service, where the names are found. */
export const CACHE = join(ROOT, 'apps/orchestrator/node_modules/.cache/jest-vendor');

/** As the sources import them. One that is missing here is loaded as it is; better-sqlite3 has to be: it is a binary. */
export const NAMES = [
  '@hono/node-server',
  '@hono/node-server/conninfo',
  '@hono/zod-openapi',
  'commander',
  'drizzle-orm',
  'drizzle-orm/sqlite-core',
  'hono',
  'hono/body-limit',
  'hono/cookie',
  'hono/http-exception',
  'hono/jsx',
  'hono/jsx/jsx-runtime',
  'html-to-text',
  'prom-client',
  'yaml',
  'zod',
];

/** Where the bundle of what the lockfile pins is, once it is made. */
export function vendorFolder() {
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'pnpm-lock.yaml')))
    .update(readFileSync(OWN));
  return join(CACHE, digest.digest('hex').slice(0, 16));
}

/** The `moduleNameMapper` of jest. */
export async function vendorMapper() {
  const folder = vendorFolder();
  if (!existsSync(folder)) await bundle(folder);
  return { [`^(${NAMES.join('|')})$`]: join(folder, '$1.mjs') };
}

async function bundle(folder) {
  const { build } = await import('esbuild');
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const loader = join(half, 'load.mjs');
  writeFileSync(loader, 'export const load = (name) => import(name);\n');
  const { load } = await import(pathToFileURL(loader).href);
  /** A module of CommonJS has its names only as Node finds them. */
  const doors = {
    name: 'doors',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^door:/ }, ({ path }) => ({ path: path.slice('door:'.length), namespace: 'door' }));
      onLoad({ filter: /^/, namespace: 'door' }, async ({ path }) => {
        const names = Object.keys(await load(path)).filter((name) => name !== 'module.exports');
        return { contents: `export { ${names.join(', ')} } from '${path}';`, resolveDir: half };
      });
    },
  };
  await build({
    entryPoints: Object.fromEntries(NAMES.map((name) => [name, `door:${name}`])),
    plugins: [doors],
    outdir: half,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  try {
    renameSync(half, folder);
  } catch (error) {
    // Two workspaces may begin at once.
    if (!existsSync(folder)) throw error;
    rmSync(half, { recursive: true, force: true });
  }
}
