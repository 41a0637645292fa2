/** What is read of GitHub's answers. Everything else in them is ignored. */
import { z } from 'zod';

const USER = z.object({ login: z.string() });
/** A deleted account or repository is null. */
const SIDE = z.object({ ref: z.string(), sha: z.string(), repo: z.object({ id: z.number(), owner: USER }).nullable() });

export const REPOSITORY = z.object({
  id: z.number(),
  default_branch: z.string(),
  full_name: z.string(),
  archived: z.boolean(),
  permissions: z.object({ push: z.boolean(), admin: z.boolean() }).optional(),
});
export const REF = z.object({ object: z.object({ sha: z.string() }) });
export const ACCOUNT = USER;
/** `behind`: the second is inside the first. */
export const COMPARISON = z.object({ status: z.string() });
export const PULL_REQUEST = z.object({
  number: z.number(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged_at: z.string().nullable(),
  user: USER.nullable(),
  labels: z.array(z.object({ name: z.string() })),
  head: SIDE,
  base: SIDE,
});
/** Its branch is in another repository, or in none any more. */
export const isFork = ({ head, base }: z.output<typeof PULL_REQUEST>): boolean =>
  head.repo === null || head.repo.id !== base.repo?.id;

export const REVIEW = z.object({ user: USER.nullable(), state: z.string(), commit_id: z.string().nullable() });
export const COMMENT = z.object({
  id: z.number(),
  body: z.string().optional(),
  user: USER.nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export const PERMISSION = z.object({ permission: z.string() });

/** Rules of every other kind are kept by their name alone. */
export const RULE = z.object({
  type: z.string(),
  ruleset_id: z.number().optional(),
  ruleset_source: z.string().optional(),
  parameters: z
    .object({
      required_status_checks: z
        .array(z.object({ context: z.string(), integration_id: z.number().optional() }))
        .optional(),
      required_approving_review_count: z.number().optional(),
    })
    .optional(),
});
const CLASSIC = z.object({
  contexts: z.array(z.string()).optional(),
  checks: z.array(z.object({ context: z.string(), app_id: z.number().nullable() })).optional(),
});
export const PROTECTION = z.object({
  required_status_checks: CLASSIC.optional(),
  required_pull_request_reviews: z.object({ required_approving_review_count: z.number().optional() }).optional(),
  enforce_admins: z.object({ enabled: z.boolean() }).optional(),
});
export const BRANCH = z.object({
  commit: z.object({ sha: z.string() }),
  protected: z.boolean(),
  protection: PROTECTION.optional(),
});
export const RULESET = z.object({ name: z.string(), current_user_can_bypass: z.string().optional() });
export const CHECK_RUN = z.object({
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  app: z.object({ id: z.number().optional() }).nullable(),
});
export const STATUS = z.object({ context: z.string(), state: z.string() });
export const HOOK = z.object({
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({ url: z.string().optional() }),
  last_response: z.object({ code: z.number().nullable() }).optional(),
});
