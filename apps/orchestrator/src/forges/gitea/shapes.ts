/** What is read of Gitea's answers, and nothing else of them. */
import { z } from 'zod';

export const ANYTHING = z.unknown();
export const ME = z.object({ login: z.string().min(1) });
export type Me = z.infer<typeof ME>;

export const REPOSITORY = z.object({
  id: z.int(),
  full_name: z.string(),
  archived: z.boolean(),
  default_branch: z.string(),
  permissions: z.object({ admin: z.boolean(), push: z.boolean() }),
  has_pull_requests: z.boolean(),
  allow_fast_forward_only_merge: z.boolean().default(false),
  allow_manual_merge: z.boolean().default(false),
  autodetect_manual_merge: z.boolean().default(false),
});
export type GiteaRepository = z.infer<typeof REPOSITORY>;

export const BRANCH = z.object({
  commit: z.object({ id: z.string() }),
  protected: z.boolean(),
  required_approvals: z.int().default(0),
  enable_status_check: z.boolean().default(false),
  status_check_contexts: z.array(z.string()).nullish(),
  user_can_push: z.boolean(),
  user_can_merge: z.boolean(),
});
export type GiteaBranch = z.infer<typeof BRANCH>;

/** A fork that was deleted has no repository. */
const PLACE = z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() });
export const PULL = z.object({
  number: z.int(),
  title: z.string(),
  user: ME.nullable(),
  state: z.string(),
  draft: z.boolean().default(false),
  merged: z.boolean(),
  labels: z.array(z.object({ name: z.string() })).nullish(),
  base: PLACE,
  head: PLACE,
  created_at: z.string().optional(),
});
export type GiteaPull = z.infer<typeof PULL>;

export const REVIEW = z.object({
  state: z.string(),
  commit_id: z.string(),
  official: z.boolean(),
  stale: z.boolean().default(false),
  dismissed: z.boolean().default(false),
});
export type GiteaReview = z.infer<typeof REVIEW>;

export const COMMENT = z.object({
  id: z.int(),
  user: ME.nullable(),
  body: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type GiteaComment = z.infer<typeof COMMENT>;

export const COMBINED = z.object({
  total_count: z.int().default(0),
  statuses: z.array(z.object({ context: z.string(), status: z.string() })).nullish(),
});

export const PERMISSION = z.object({ permission: z.string() });
export const HOOK = z.object({
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({ url: z.string().default('') }),
});
export type GiteaHook = z.infer<typeof HOOK>;
