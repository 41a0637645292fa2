#!/usr/bin/env node
/** The process around the command line: Node's version, no debugger, and which of two ways in is loaded. Wiring only. */

// Node would open a debugger's port on this signal.
process.on('SIGUSR1', () => {});

const OLDEST = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const words = process.argv.slice(2);

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `gatehouse: Node ${process.versions.node} is too old, ${OLDEST.join('.')} is needed; from a checkout, \`npm run -s gatehouse\` brings its own\n`,
  );
  process.exitCode = 3;
} else if (words[0] === 'run') {
  const { runMain } = await import('./cli/run-main.ts');
  // Bytes that nobody takes must not keep us here.
  process.exit(await runMain(words));
} else {
  const { commandMain } = await import('./cli/command-main.ts');
  process.exitCode = await commandMain(words);
}
