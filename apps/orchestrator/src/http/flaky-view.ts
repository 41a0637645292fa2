/** One flaky test as the service shows it. Names come from branches and are shown as they are: escape them where they are printed. */
import { z } from '@hono/zod-openapi';
import { visibleStart } from '../platform/visible-text.ts';

export const flakyView = z
  .object({
    repo: z.string(),
    name: z.string().openapi({ description: 'as the runner says it; long names end in a digest of the whole' }),
    reds: z.number().openapi({ description: 'red runs on trees on which it was green, too' }),
    greens: z.number(),
    trees: z
      .number()
      .openapi({ description: 'on how many trees it was red and green; 0: not proven, only quarantined' }),
    proven_flaky_at: z.string().nullable(),
    last_seen: z.string().nullable(),
    quarantine: z
      .object({
        owner: z.string(),
        reason: z.string(),
        expires: z.string(),
        decides: z
          .boolean()
          .openapi({ description: 'the entry has no effect: it expired, or test.flaky says otherwise' }),
      })
      .nullable()
      .openapi({ description: "the entry of test.quarantine in the operator's file or on main" }),
  })
  .openapi('FlakyTest');

export type FlakyRow = z.infer<typeof flakyView>;
const ENTRY_CHARS = 160;

/** By whom and until when, in words. */
export function quarantineText(quarantine: FlakyRow['quarantine']): string {
  if (quarantine === null) return '';
  const { owner, expires, reason, decides } = quarantine;
  const until = decides ? `decides (entry until ${expires})` : `until ${expires}`;
  return visibleStart(`${owner}, ${until}: ${reason}`, ENTRY_CHARS);
}
