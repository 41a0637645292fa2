#!/usr/bin/env node
/** The process around the command line: Node's version, no debugger, and which of two ways in is loaded. Wiring only. */
import { nodeProblem } from './cli/node-version.ts';

// Node would open a debugger's port on this signal.
process.on('SIGUSR1', () => {});

const words = process.argv.slice(2);
const problem = nodeProblem(process.versions.node);

if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 3;
} else if (words[0] === 'run') {
  const { runMain } = await import('./cli/run-main.ts');
  // Bytes that nobody takes must not keep us here.
  process.exit(await runMain(words));
} else {
  const { commandMain } = await import('./cli/command-main.ts');
  process.exitCode = await commandMain(words);
}
