/** A number in an address: digits and nothing else, where JavaScript would take an empty text, spaces and `1e3` for one, too. */
import { z } from '@hono/zod-openapi';

export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, 'must be a whole number')
    .transform(Number)
    .refine((given) => given >= least && given <= most, `must be a whole number from ${least} to ${most}`)
    .openapi({ type: 'integer', minimum: least, maximum: most });
