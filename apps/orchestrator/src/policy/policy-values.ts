/** The grammar of single values in a policy file: durations, percentages, commands, names. */
import { reportPathFault } from '@gatehouse/coverage-gate';
import { cachePathsFault } from '@gatehouse/gate-run';
import { validatePathPattern } from '@gatehouse/merge-gate';
import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `15m`; in milliseconds. */
export const duration = z
  .union([z.string(), z.number()])
  .transform((value) => String(value))
  .pipe(z.string().regex(/^\d{1,9}(ms|s|m|h)$/, 'must be a duration such as 90s or 15m'))
  .transform((text) => {
    const [, digits = '0', unit = 's'] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
    return Number(digits) * (UNIT_MS[unit] ?? 1000);
  });

const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `10MiB`; in bytes. */
export const size = z
  .string()
  .regex(/^\d{1,9}(B|KiB|MiB|GiB)$/, 'must be a size such as 10MiB')
  .transform((text) => {
    const [, digits = '0', unit = 'B'] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
    return Number(digits) * (UNIT_BYTES[unit] ?? 1);
  });

/** In parts per million. */
export const percent = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => Math.abs(value * 10_000 - Math.round(value * 10_000)) < 1e-6, 'has more than 4 decimals')
  .transform((value) => Math.round(value * 10_000));

/** A command for `sh -c`. */
export const command = z.string().max(8192);

/** A test that runs and does not decide, for which a named person answers to the end of a day (UTC). */
export const quarantined = z.strictObject({
  name: z.string().max(300).regex(/\S/, 'must not be empty'),
  owner: z.string().trim().min(1).max(100),
  reason: z.string().trim().min(1).max(500),
  expires: z.iso.date('must be a date such as 2027-01-31'),
});

/** A pattern of paths below the root of the repository; see @gatehouse/merge-gate. */
export const pathPattern = z.string().check((checked) => {
  const verdict = validatePathPattern(checked.value);
  if (verdict.kind === 'invalid')
    checked.issues.push({ code: 'custom', message: verdict.reason, input: checked.value });
});

/** The name of an environment variable. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');

/** Directories that outlive a run, such as `~/.npm` or `node_modules`. */
export const cachePaths = z.array(z.string()).superRefine((paths, context) => {
  const fault = cachePathsFault(paths);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

/** Where a coverage report stands in the checkout; `./` and doubled slashes are taken out. */
export const reportPath = z
  .string()
  .transform((path) =>
    path
      .replace(/\/{2,}/g, '/')
      .replace(/^(?:\.\/)+/, '')
      .replaceAll('/./', '/'),
  )
  .superRefine((path, context) => {
    const fault = reportPathFault(path);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

const MAX_MAPPED = 100;

/** Beginnings of names in a report, and the folder of the repository that stands there; an empty folder is the root. */
export const pathMap = z.record(z.string().max(500), z.string().max(500)).superRefine((map, context) => {
  const entries = Object.entries(map);
  if (entries.length > MAX_MAPPED) context.addIssue({ code: 'custom', message: `at most ${MAX_MAPPED} entries` });
  for (const [from, to] of entries) {
    const fault =
      /^(\.?\/?)?$/.test(to) && to !== '/' ? null : reportPathFault(to.replace(/^\.\//, '').replace(/\/$/, ''));
    if (fault !== null) context.addIssue({ code: 'custom', path: [from], message: fault });
  }
});
