/** The request of a run as a schema of valibot: same fields, same limits, same words where its messages can carry them. */
import * as v from 'valibot';

const MIB_64 = 67_108_864;
const KIB_256 = 262_144;
const LONGEST_TIMER_MS = 2_147_483_647;
const LARGEST_RING = 1_073_741_824;
const MOST = Number.MAX_SAFE_INTEGER;
const LEVELS = ['kernel', 'namespace', 'cookie', 'group', 'plain'];

function amount(name, most, fallback) {
  const rule = `${name} must be a number from 0 to ${most}`;
  const read = v.pipe(v.number(rule), v.minValue(0, rule), v.maxValue(most, rule));
  return fallback === undefined ? read : v.optional(read, fallback);
}
function text(name, what) {
  const rule = `${name} must be ${what}`;
  return v.pipe(v.string(rule), v.nonEmpty(rule));
}
function whole(name) {
  const rule = `limits.${name} must be a whole number from 1`;
  return v.optional(v.pipe(v.number(rule), v.safeInteger(rule), v.minValue(1, rule)));
}
function texts(name, what) {
  const rule = `${name} must be an array of ${what}`;
  return v.optional(v.array(v.string(rule), rule), []);
}
const fields = (name, entries) => v.optional(v.object(entries, `${name} must be an object`), {});
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(4_294_967_294));
const isSignal = (value) =>
  typeof value === 'object' &&
  value !== null &&
  typeof value.aborted === 'boolean' &&
  typeof value.addEventListener === 'function';
const isInput = (value) => value === 'inherit' || value instanceof Uint8Array;

const SPEC = v.object(
  {
    command: text('command', 'a non-empty string'),
    args: texts('args', 'strings'),
    cwd: v.optional(text('cwd', 'a path'), '.'),
    timeoutMs: amount('timeoutMs', LONGEST_TIMER_MS),
    graceMs: amount('graceMs', LONGEST_TIMER_MS, 2000),
    leftoverGraceMs: amount('leftoverGraceMs', LONGEST_TIMER_MS, 0),
    drainMs: amount('drainMs', LONGEST_TIMER_MS, 250),
    signal: v.nullish(v.custom(isSignal, 'signal must be an AbortSignal'), null),
    stdin: v.nullish(v.custom(isInput, "stdin must be bytes or 'inherit'"), null),
    env: fields('env', {
      allow: texts('env.allow', 'names'),
      set: v.optional(v.record(v.string(), v.string('env.set must be a record of strings')), {}),
    }),
    output: fields('output', {
      headBytes: amount('output.headBytes', LARGEST_RING, KIB_256),
      tailBytes: amount('output.tailBytes', LARGEST_RING, KIB_256),
      maxTotalBytes: amount('output.maxTotalBytes', MOST, MOST),
      logMaxBytes: amount('output.logMaxBytes', MOST, MIB_64),
      logFile: v.optional(text('output.logFile', 'a path')),
      onLimit: v.optional(v.picklist(['drop', 'kill'], "output.onLimit must be 'drop' or 'kill'"), 'drop'),
      onChunk: v.nullish(v.function('output.onChunk must be a function'), null),
    }),
    limits: fields('limits', {
      maxProcesses: whole('maxProcesses'),
      maxMemoryBytes: whole('maxMemoryBytes'),
      cpuSeconds: whole('cpuSeconds'),
    }),
    runAs: v.nullish(v.object({ uid: id, gid: id }, 'runAs must name a uid and a gid'), null),
    containment: v.optional(v.picklist(['best', ...LEVELS], 'containment must be one of the levels'), 'best'),
    require: v.nullish(v.picklist(LEVELS, 'require must be one of the levels'), null),
  },
  'the request must be an object',
);

/** As `readSpec` of proc-group answers. */
export function readSpec(spec) {
  const read = v.safeParse(SPEC, spec);
  if (read.success) return { kind: 'read', request: read.output };
  return { kind: 'malformed', reason: read.issues[0].message };
}
