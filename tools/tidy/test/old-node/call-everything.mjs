/**
 * Imports each package from the directory that is given and calls each function that it exports, on whatever Node runs this. Prints one line
 * of JSON for each call that raised or that did not answer; the last line says how many there were.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const say = (fault) => process.stdout.write(`${JSON.stringify(fault)}\n`);
process.on('uncaughtException', (error) => say({ uncaught: error.message }));
process.on('unhandledRejection', (error) => say({ unhandled: String(error) }));

const [packages = ''] = process.argv.slice(2);
let calls = 0;
const kinds = {};
for (const name of readdirSync(packages)) {
  const door = await import(pathToFileURL(join(packages, name, 'dist/index.js')).href);
  for (const [key, value] of Object.entries(door)) {
    // A class needs `new`, and raising is what `invariant` is for.
    if (typeof value !== 'function' || key === 'LeaseProof' || key === 'invariant') continue;
    for (const args of [[], [{}, {}], ['x', 'y']]) {
      calls += 1;
      try {
        const answer = await value(...args);
        if (answer?.kind === 'crashed') kinds[answer.error.message] = (kinds[answer.error.message] ?? 0) + 1;
      } catch (error) {
        say({ name, key, raised: error.message });
      }
    }
  }
}
// A listener that raises does so after its call.
await new Promise((resolve) => setImmediate(resolve));
say({ calls, kinds });
