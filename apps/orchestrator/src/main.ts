#!/usr/bin/env node
/** The process around the command line: Node's version, signals, streams, exit status. Wiring only. */

const OLDEST = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `gatehouse: Node ${process.versions.node} is too old, ${OLDEST.join('.')} is needed; from a checkout, \`npm run -s gatehouse\` brings its own\n`,
  );
  process.exitCode = 3;
} else {
  const { runCli } = await import('./cli/program.ts');
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stopping.abort(new Error(`received ${signal}`)));
  // A reader that went away (`| head`) ends us quietly.
  process.stdout.on('error', () => process.exit(3));
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (said) => process.stdout.write(said),
    err: (said) => process.stderr.write(said),
    cwd: process.cwd(),
    signal: stopping.signal,
    interactive: process.stdout.isTTY === true,
  });
}
