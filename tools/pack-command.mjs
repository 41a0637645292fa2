/**
 * Makes the package `@gatehouse/cli`, which installs the command, of the workspace's sources: bundled by esbuild with code splitting, only
 * better-sqlite3 left outside (ADR 24). Needs installed dependencies, no build.
 *
 *   node_modules/.bin/node tools/pack-command.mjs [--out FOLDER]     [node_modules/.cache/gatehouse-package]
 *
 * Leaves the package's files in FOLDER and prints, as JSON, { folder, bytes, files }. `npm pack FOLDER` packs it.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SERVICE = 'apps/orchestrator';

/** Modules that run in a thread or a process of their own; each is found by the module that starts it, beside itself. */
const ENTRIES = [
  'packages/coverage-gate/src/adapters/report-worker.ts',
  'packages/merge-gate/src/adapters/reading-worker.ts',
  'packages/proc-group/src/adapters/spawner-program.ts',
  'packages/security-gate/src/worker/worker.ts',
  `${SERVICE}/src/agents/scripted/agent.ts`,
  `${SERVICE}/src/store/sqlite/check-thread.ts`,
];
const asJavaScript = (path) => path.replace(/\.ts$/, '');
const json = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** Where a module that names a file beside itself is, as if the package's `dist/` were the checkout. */
const place = {
  name: 'place',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^gatehouse:place$/ }, () => ({ path: 'place', namespace: 'place' }));
    onLoad({ filter: /.*/, namespace: 'place' }, () => ({
      contents: 'export const at = (path) => new URL(path, import.meta.url).href;',
    }));
    onLoad({ filter: /\/(packages|apps)\/[^/]+\/src\/.*\.tsx?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const own = JSON.stringify(`./${asJavaScript(relative(ROOT, path))}.js`);
      const contents = `import { at as placeOf } from 'gatehouse:place';${text.replaceAll('import.meta.url', `placeOf(${own})`)}`;
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/**
 * To import one name of a module of Node's own, Node reads all names of it, and some load a library: `fs.ReadStream` the streams. Only what is
 * asked for is read; of a module of LATE once it is called.
 */
const LATE = ['node:fs/promises'];
const namesAlone = {
  name: 'names-alone',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? undefined : { path, namespace: 'names-alone' },
    );
    onLoad({ filter: /.*/, namespace: 'names-alone' }, ({ path }) => {
      const all = process.getBuiltinModule(path);
      const own = `process.getBuiltinModule(${JSON.stringify(path)})`;
      const taken = (name) =>
        LATE.includes(path) && typeof all[name] === 'function'
          ? `(...words) => ${own}.${name}(...words)`
          : `/* @__PURE__ */ (() => ${own}.${name})()`;
      const names = Object.keys(all).filter((name) => /^[a-z_$][\w$]*$/i.test(name));
      const lines = names.map((name) => `export const ${name} = ${taken(name)};`);
      return { contents: `export default /* @__PURE__ */ (() => ${own})();\n${lines.join('\n')}` };
    });
  },
};

/** zod brings its messages in fifty languages and loads them all; half of a gate's start was parsing those. */
const oneLanguage = {
  name: 'one-language',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * `z` of @hono/zod-openapi is zod's own, extended as a side effect: esbuild takes it from zod's chunk, and may do so before it was
 * extended. Here it is a value of the module that extends it.
 */
const extendedFirst = {
  name: 'extended-first',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^@hono\/zod-openapi$/ }, async ({ path, resolveDir, kind, namespace, pluginData }) => {
      if (namespace === 'extended' || pluginData === 'real') return undefined;
      const real = await resolve(path, { resolveDir, kind, pluginData: 'real' });
      return { path: real.path, namespace: 'extended', pluginData: dirname(real.path) };
    });
    onLoad({ filter: /.*/, namespace: 'extended' }, ({ path, pluginData }) => ({
      contents: `export * from ${JSON.stringify(path)}; import { z as extended } from ${JSON.stringify(path)}; export const z = extended;`,
      resolveDir: pluginData,
    }));
  },
};

/** `run` is one file of its own, which costs less to load than the same in eleven chunks; what is shared stands in both. */
const RUN = { from: `${SERVICE}/src/cli/run-main.ts`, parser: `${SERVICE}/src/cli/program.ts` };
const apart = (names) => ({
  name: 'apart',
  setup({ onResolve }) {
    for (const [from, to] of Object.entries(names))
      onResolve({ filter: new RegExp(`/${basename(from)}$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: to, external: true } : undefined,
      );
  },
});

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  conditions: ['gatehouse:src'],
  external: ['better-sqlite3'],
  jsx: 'automatic',
  jsxImportSource: 'hono/jsx',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

async function bundle(out) {
  const outdir = join(out, 'dist');
  const run = await build({
    ...OPTIONS,
    entryPoints: { run: RUN.from },
    outdir,
    plugins: [place, namesAlone, apart({ [RUN.parser]: './program.js' })],
  });
  const rest = await build({
    ...OPTIONS,
    entryPoints: {
      main: `${SERVICE}/src/main.ts`,
      program: RUN.parser,
      // Shared by all who ask it, so that it stands in a chunk directly in `dist/`.
      place: 'gatehouse:place',
      ...Object.fromEntries(ENTRIES.map((path) => [asJavaScript(path), path])),
    },
    outdir,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    plugins: [place, namesAlone, oneLanguage, extendedFirst, apart({ [RUN.from]: './run.js' })],
  });
  const outputs = { ...run.metafile.outputs, ...rest.metafile.outputs };
  for (const path of Object.keys(outputs)) giveRequire(join(ROOT, path));
  return { inputs: { ...run.metafile.inputs, ...rest.metafile.inputs }, outputs };
}

/** CommonJS modules ask `require` for Node's own ones; esbuild's stand-in for it is in one chunk, and only that one pays for it. */
function giveRequire(path) {
  const text = readFileSync(path, 'utf8');
  if (!text.includes('Dynamic require of')) return;
  const given = "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";
  writeFileSync(path, `${given}${text}`);
}

/** What is bundled, with its licence text: whoever passes it on has to. */
function thirdParties({ inputs }) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /^([^:]*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found !== null) folders.add(join(ROOT, found[1]));
  }
  const packages = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return { name: `${name} ${version}`, text };
  });
  packages.sort((one, other) => (one.name < other.name ? -1 : 1));
  return `# What is bundled in this package\n\n${packages.map(({ name, text }) => `## ${name}\n\n${text}\n`).join('\n')}`;
}

/** What users see change: the versions that were released, and above them what is pending. */
function changes() {
  const pending = readdirSync(join(ROOT, '.changeset'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => /^---\n([\s\S]*?)^---\n([\s\S]*)$/m.exec(readFileSync(join(ROOT, '.changeset', name), 'utf8')))
    .flatMap((found) => (found?.[1].includes('@gatehouse/orchestrator') ? [found[2].trim()] : []))
    .map((text) => `- ${text.replaceAll('\n', '\n  ')}`);
  const kept = join(ROOT, SERVICE, 'CHANGELOG.md');
  const released = existsSync(kept) ? readFileSync(kept, 'utf8').replace(/^# .*\n+/, '') : '';
  return `# gatehouse\n\n${pending.length === 0 ? '' : `## Not released yet\n\n${pending.join('\n')}\n\n`}${released}`;
}

function manifest() {
  const { version, dependencies, engines, license } = json(`${SERVICE}/package.json`);
  // As the libraries have it: their manifests come from one table, which holds the address of the project.
  const { repository, bugs } = json('packages/verdict/package.json');
  const { type, url } = repository;
  return {
    name: '@gatehouse/cli',
    version,
    description:
      'Lands the work of many branches on main without guessing what is safe: merge queue, gates, timeout(1) that leaves nothing.',
    keywords: ['merge-queue', 'ci', 'git', 'coverage', 'secrets', 'agents', 'timeout', 'cli'],
    license,
    repository: { type, url, directory: SERVICE },
    homepage: `${url.replace(/^git\+|\.git$/g, '')}/blob/main/${SERVICE}/README.md`,
    bugs,
    type: 'module',
    bin: { gatehouse: 'dist/main.js' },
    files: ['dist', 'README.md', 'CHANGELOG.md', 'THIRD-PARTY.md'],
    exports: { './package.json': './package.json' },
    dependencies: { 'better-sqlite3': dependencies['better-sqlite3'] },
    engines,
  };
}

function sizeOf(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  const sizes = files.map((path) => statSync(path)).filter((stat) => stat.isFile());
  return { files: sizes.length, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
}

/** Writes the package's files into `out`, which is emptied first; gives its size and what esbuild knows of its modules. */
export async function packCommand(out) {
  if (existsSync(out) && !existsSync(join(out, 'package.json')) && readdirSync(out).length > 0)
    throw new Error(`${out} holds something else; name an empty folder`);
  // The names of Node's own modules are those of the Node that runs here.
  if (typeof process.getBuiltinModule('node:module').getCompileCacheDir !== 'function')
    throw new Error('this Node is too old; run it with that of the repository: node_modules/.bin/node');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // First: what is cut off is known as ours by it.
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  const metafile = await bundle(out);
  for (const name of ['migrations', 'assets'])
    cpSync(join(ROOT, SERVICE, name), join(out, 'dist', SERVICE, name), { recursive: true });
  cpSync(join(ROOT, SERVICE, 'README.md'), join(out, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  writeFileSync(join(out, 'CHANGELOG.md'), changes());
  writeFileSync(join(out, 'THIRD-PARTY.md'), thirdParties(metafile));
  return { folder: out, ...sizeOf(out), metafile };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) {
    const [, ...head] = readFileSync(fileURLToPath(import.meta.url), 'utf8')
      .split(' */')[0]
      .split('\n');
    console.log(
      head
        .map((line) => line.replace(/^ \* ?/, ''))
        .join('\n')
        .trim(),
    );
  } else {
    const { metafile, ...packed } = await packCommand(
      resolve(values.out ?? join(ROOT, 'node_modules/.cache/gatehouse-package')),
    );
    console.log(JSON.stringify(packed));
    console.error(`next: npm i -g "$(npm pack --silent '${packed.folder}')"`);
  }
}
