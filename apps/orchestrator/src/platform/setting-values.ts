/** What the text of a setting may be, and what is kept of it. */
import { z } from 'zod';

/** Yes or no. */
export const flag: z.ZodType<boolean, string> = z
  .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'])
  .transform((text) => ['true', '1', 'on', 'yes'].includes(text));
/** Seconds, kept in milliseconds; at most 30 days. */
export const seconds: z.ZodType<number, string> = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be seconds, for example 900')
  .transform((text) => Math.round(Number(text) * 1000))
  .refine((ms) => ms > 0 && ms <= 30 * 86_400_000, 'must be between 0 and 30 days');
/** A whole number from `least` to a million. */
export const count = (least: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= 1_000_000, `must be at least ${least}`);
/** A percentage, kept in parts per million. */
export const percent: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,4})?$/, 'must be a percentage with at most 4 decimals, for example 0.1')
  .transform((text) => Math.round(Number(text) * 10_000))
  .refine((ppm) => ppm <= 1_000_000, 'must be at most 100');
/** Words between commas. */
export const list: z.ZodType<string[], string> = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
/** Host names between commas, in lower case. */
export const hostNames: z.ZodType<string[], string> = list
  .transform((names) => names.map((name) => name.toLowerCase()))
  .refine(
    (names) => names.every((name) => /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/.test(name)),
    'must be host names without scheme and port, for example queue.example',
  );
/** Any text. */
export const text: z.ZodType<string, string> = z.string().max(4096);
/** A package version, or none. */
export const canary: z.ZodType<{ name: string; version: string } | null, string> = z
  .string()
  .regex(/^(none|(@?[^@\s]+)@([^@\s]+))$/, 'must be name@version or none')
  .transform((word) => {
    const at = word.lastIndexOf('@');
    return at < 1 ? null : { name: word.slice(0, at), version: word.slice(at + 1) };
  });
