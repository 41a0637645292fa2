/**
 * A process that shows one mutant after the other to the tests of its step. It holds the sources of the mutant in memory alone:
 * test and sources are bundled anew for each, with the mutant in the place of its file. Speaks with in-process.mjs.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { context } from 'esbuild';
import { declaredBy, runScope, stopAtFirstExample } from './test-shim.mjs';

const [root, workspace, title, ...files] = process.argv.slice(2);
const shim = new URL('./test-shim.mjs', import.meta.url).href;
const desk = join(root, workspace, 'node_modules', '.cache', `mutants-${process.pid}`);
const mutant = { path: '', text: '' };
const known = new Map();

const sources = {
  name: 'sources',
  setup(build) {
    build.onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: shim, external: true }));
    build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'seen' || importer === '' || path.startsWith('node:')) return undefined;
      if (path.startsWith('@gatehouse/')) return undefined;
      const found = await build.resolve(path, { resolveDir, kind, pluginData: 'seen' });
      return found.errors.length > 0 ? undefined : { path: pathToFileURL(found.path).href, external: true };
    });
    build.onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      if (!known.has(path)) known.set(path, readFileSync(path, 'utf8'));
      const text = path === mutant.path ? mutant.text : known.get(path);
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

mkdirSync(desk, { recursive: true });
process.on('exit', () => rmSync(desk, { recursive: true, force: true }));
process.on('disconnect', () => process.exit(0));
// What a mutant leaves behind is judged by its tests alone, as in Jest.
process.on('unhandledRejection', () => {});
const bundles = await Promise.all(
  files.map((name) =>
    context({
      entryPoints: [join(root, workspace, 'test', `${name}.test.ts`)],
      ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'esnext', logLevel: 'silent' },
      conditions: ['gatehouse:src', 'node'],
      plugins: [sources],
    }),
  ),
);

let loads = 0;
async function load(text) {
  loads += 1;
  const file = join(desk, `${loads}.mjs`);
  writeFileSync(file, text);
  await import(pathToFileURL(file).href);
  rmSync(file);
}

/** How many tests of a file ran; throws at the first that fails, which `ran` then names. */
async function run(at, isAsked, ran) {
  const { outputFiles } = await bundles[at].rebuild();
  const scope = await declaredBy(() => load(outputFiles[0].text));
  return await runScope(scope, (name) => {
    if (isAsked(name)) Object.assign(ran, { at, name });
    return isAsked(name);
  });
}

process.on('message', async ({ path, text, first }) => {
  Object.assign(mutant, { path, text });
  const ran = {};
  let tests = 0;
  let failure = null;
  try {
    for (const { at, name } of first) await run(at, (one) => one === name, ran);
    for (const at of bundles.keys()) tests += await run(at, (name) => name.includes(title), ran);
  } catch (error) {
    failure = String(error?.stack ?? error).slice(0, 2_000);
  }
  process.send({ tests, failure, failed: failure === null || ran.name === undefined ? null : ran });
});
await stopAtFirstExample(join(root, workspace));
process.send({ ready: true });
