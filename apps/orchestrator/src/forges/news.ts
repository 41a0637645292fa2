/** What a verified webhook of a forge says is to be read again. It is a hint: of its content only this is used. */
import { z } from 'zod';
import { repositoryKey } from './repository-key.ts';

export interface ForgeNews {
  /** The repository as every url of it is compared: `host/owner/name` in lower case, without `.git`. */
  readonly repository: string;
  /** Null: the repository as a whole, its branches and main. */
  readonly pullRequest: number | null;
  /** What a person wrote in a new comment, who pressed the key, and when, as the forge tells it; null: nothing. */
  readonly comment: { readonly by: string; readonly text: string; readonly at: string } | null;
}

const ENVELOPE = z.object({ action: z.string().optional(), repository: z.object({ html_url: z.string() }) });
const WRITTEN = z.object({
  sender: z.object({ login: z.string() }),
  comment: z.object({ body: z.string(), created_at: z.string() }),
});
const OF_REF = z.object({ ref_type: z.string() });

/** The number of a pull request, wherever a forge puts it. */
export const NUMBERED = z.object({ number: z.int().positive() });

/** What every forge's deliveries share. */
export interface Envelope {
  readonly repository: string;
  readonly about: (pullRequest: number | null) => ForgeNews;
  /** Who wrote a comment is its sender; an edited one carries no command, because every writer may edit everybody's. */
  readonly comment: ForgeNews['comment'];
  /** Whether it is about a branch, and not a tag. */
  readonly isOfBranch: boolean;
}

/** Null: it names no repository that can be compared. */
export function openEnvelope(body: unknown): Envelope | null {
  const envelope = ENVELOPE.safeParse(body);
  const repository = envelope.success ? repositoryKey(envelope.data.repository.html_url) : null;
  if (!envelope.success || repository === null) return null;
  const written = envelope.data.action === 'created' ? WRITTEN.safeParse(body).data : undefined;
  return {
    repository,
    about: (pullRequest) => ({ repository, pullRequest, comment: null }),
    comment:
      written === undefined
        ? null
        : { by: written.sender.login, text: written.comment.body, at: written.comment.created_at },
    isOfBranch: OF_REF.safeParse(body).data?.ref_type === 'branch',
  };
}
