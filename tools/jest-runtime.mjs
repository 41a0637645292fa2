/**
 * Runs a test file with Node's own loader: jest's loads every module of the sources anew for each file, half a second of CPU for the
 * service. Here the sources are loaded once for each worker, and what they remember lives from file to file, as in the service from task
 * to task. Test files and what stands beside them are loaded anew. Coverage is measured with jest's own runtime.
 */
import { createRequire, registerHooks } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import './source-hook.mjs';

const require = createRequire(import.meta.url);
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** What belongs to a test file: `packages/git/test/scratch-repository.ts`. */
const BESIDE_TESTS = /^(?:apps|packages|tools)\/[^/]+\/(?:test|examples)\//;
const GLOBALS = Symbol.for('gatehouse-jest-globals');
const NAMES = 'afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test';

/** The test file that runs, as the query of its modules: the same in each run, so that their compiled code is found again. */
let current = '';
const runs = new Map();

registerHooks({
  resolve(name, context, next) {
    if (name === '@jest/globals') {
      const source = `export const { ${NAMES} } = globalThis[Symbol.for('${GLOBALS.description}')]; // ${current}`;
      return { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true };
    }
    if (name.startsWith('node:')) return next(name, context);
    const found = next(name, { ...context, conditions: [...context.conditions, 'gatehouse:src'] });
    return isBesideTests(found.url) ? { ...found, url: `${found.url}${current}` } : found;
  },
});

function isBesideTests(url) {
  if (!url.startsWith('file:') || url.includes('?')) return false;
  return BESIDE_TESTS.test(relative(ROOT, fileURLToPath(url)).replaceAll('\\', '/'));
}

/** What jest-runner and jest-circus ask of a runtime. */
class NodeRuntime {
  constructor(...[, , , , , coverage, path]) {
    if (coverage.collectCoverage) throw new Error('coverage is measured with --coverage on the command line');
    const times = runs.get(path) ?? 0;
    runs.set(path, times + 1);
    current = `?for=${encodeURIComponent(relative(ROOT, path))}${times === 0 ? '' : `&again=${times}`}`;
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  unstable_importModule(path) {
    return import(pathToFileURL(path).href);
  }

  requireModule(path) {
    return require(path);
  }

  /** The framework begins each file with nothing known of the one before. */
  requireInternalModule(path) {
    delete require.cache[path];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    return require(path);
  }

  setGlobalsForRuntime(globals) {
    globalThis[GLOBALS] = globals;
  }

  getSourceMaps() {
    return new Map();
  }

  enterTestCode() {}
  leaveTestCode() {}
  getAllCoverageInfoCopy() {}
  teardown() {}
}

export { NodeRuntime as 'module.exports' };
