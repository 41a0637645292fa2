/** Asks for a landing when no descriptor is free, and prints the answer. Run under a small limit. */
import { openSync } from 'node:fs';
import { runLandingChild } from '../src/adapters/landing-child.ts';

try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  process.stdout.write(JSON.stringify(await runLandingChild({ op: 'version', args: ['version'] }, {}, 5000)));
}
