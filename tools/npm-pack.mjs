/**
 * `prepack` and `postpack` of every library. npm would pack `workspace:*` as it stands, and nobody could install that: before it packs, the
 * manifest gets the versions, as pnpm writes them by itself, and afterwards it is as it was. One that was cut short is put back by the next.
 *
 *   node tools/npm-pack.mjs before | after     in the folder of a package
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const name = basename(process.cwd());
const kept = join(ROOT, 'node_modules', '.cache', 'gatehouse-npm-pack', `${name}.json`);

function putBack() {
  if (!existsSync(kept)) return;
  copyFileSync(kept, 'package.json');
  renameSync(kept, `${kept}.done`);
}

/** With the versions that the packages of the workspace have. */
function withVersions(text) {
  const manifest = JSON.parse(text);
  for (const needed of Object.keys(manifest.dependencies ?? {}))
    if (manifest.dependencies[needed].startsWith('workspace:')) {
      const path = join(ROOT, 'packages', needed.replace('@gatehouse/', ''), 'package.json');
      manifest.dependencies[needed] = JSON.parse(readFileSync(path, 'utf8')).version;
    }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

// npm hands the name of its caller on as its own, so that the user agent says pnpm wherever pnpm started it.
const isPnpm = /pnpm/.test(basename(process.env.npm_execpath ?? ''));

putBack();
if (process.argv[2] === 'before' && !isPnpm) {
  const text = readFileSync('package.json', 'utf8');
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, text);
  writeFileSync('package.json', withVersions(text));
  console.error(
    `npm packs ${name} alone, and what it needs of ours is on no registry. To install it, in the root of the repository:`,
  );
  console.error(`  node tools/pack-packages.mjs ${name}`);
}
