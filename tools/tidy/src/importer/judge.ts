/**
 * `node judge.ts TARBALL...` asks are-the-types-wrong and publint about each, and prints what an ESM project would meet, one line each. A
 * process of its own: the first brings a TypeScript of its own, which takes a second to load.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Problem {
  readonly kind: string;
  readonly entrypoint?: string;
  readonly resolutionKind?: string;
}

interface Types {
  readonly createPackageFromTarballData: (bytes: Uint8Array) => unknown;
  readonly checkPackage: (
    pack: unknown,
  ) => Promise<{ readonly types: unknown; readonly problems?: readonly Problem[] }>;
}

interface Lint {
  readonly publint: (request: {
    readonly pack: { readonly tarball: ArrayBufferLike };
    readonly strict: true;
  }) => Promise<{ readonly messages: readonly { readonly code: string }[] }>;
}

/** CommonJS reaches the packages by `import()` only, and TypeScript before 4.7 not at all: they are ESM. */
const OTHER_PROJECTS = ['node10', 'node16-cjs'];

/** What a tool of the checkout's offers, or a tool of that tool. */
async function load(tool: string, within: string): Promise<unknown> {
  const tools = join(import.meta.dirname, '../../../../node_modules', within, 'package.json');
  return import(pathToFileURL(createRequire(realpathSync(tools)).resolve(tool)).href);
}

const { createPackageFromTarballData, checkPackage } = (await load(
  '@arethetypeswrong/core',
  '@arethetypeswrong/cli',
)) as Types;
const { publint } = (await load('publint', 'publint')) as Lint;
for (const path of process.argv.slice(2)) {
  const say = (words: readonly string[]): void => void process.stdout.write(`${path}: ${words.join(' ')}\n`);
  const bytes = readFileSync(path);
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(bytes));
  if (types === false) say(['no types']);
  for (const { kind, entrypoint = '', resolutionKind = '' } of problems)
    if (!OTHER_PROJECTS.includes(resolutionKind)) say([kind, entrypoint, resolutionKind]);
  const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  for (const { code } of messages) say([code]);
}
