/**
 * Webhooks of forges and trackers: verified over their raw bytes, kept, and answered. They are hints; worker/inbox.ts reads again
 * what they name (docs/adr/0022). They carry no bearer token: the signature is their proof.
 */
import { createHash } from 'node:crypto';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ServiceContext } from '../../context.ts';
import { parseJson } from '../../platform/json.ts';
import { isSignedByOneOf } from '../../platform/webhook-signature.ts';
import { SIGNED } from '../document.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json } from '../views.ts';
import type { WrongTokens } from '../wrong-tokens.ts';

const LARGEST_BODY = 1024 * 1024;
/** A command is short; of a longer comment nothing is kept. */
const LONGEST_COMMENT = 2000;

/** The header that holds the signature, by who sends. */
const SIGNATURES: ReadonlyMap<string, string> = new Map([
  ['gitea', 'x-gitea-signature'],
  ['github', 'x-hub-signature-256'],
  ['plane', 'x-plane-signature'],
]);

type Receives = Pick<ServiceContext, 'log' | 'now' | 'settings' | 'store' | 'tracker' | 'wakeup' | 'webhooks'>;

/** For the document alone: a signature is over the bytes as they came, so nothing may read them before. */
const route = createRoute({
  method: 'post',
  path: '/webhooks/{source}',
  summary: 'What a forge or a tracker tells; believed only as a hint of what to read again',
  security: SIGNED,
  request: {
    params: z.object({ source: z.enum(['gitea', 'github', 'plane']) }),
    body: { required: true, content: { 'application/json': { schema: z.unknown() } } },
  },
  responses: {
    202: json(z.object({ status: z.literal('accepted') }), 'on record now, or before'),
    ...refuses(401, 404, 413, 415, 429),
  },
});

const limited = bodyLimit({
  maxSize: LARGEST_BODY,
  onError: (context) => {
    // The rest of the body is not read, so nothing else can be asked on this connection.
    context.header('connection', 'close');
    return problem(context, 413, `a webhook is at most ${LARGEST_BODY} bytes`);
  },
});

/** 202: it is on record, or was before. Nothing is read again before that. */
export function webhookRoutes(service: Receives, wrong: WrongTokens) {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerPath(route);
  const isToldOf = new Set<string>();
  /** Of a delivery that cannot be taken nothing is read. */
  const receivable: MiddlewareHandler = async (c, next) => {
    const source = c.req.param('source') ?? '';
    const header = SIGNATURES.get(source);
    if (header === undefined || secretsOf(source, service.settings).size === 0) {
      if (header !== undefined && !isToldOf.has(source))
        service.log.warn('a webhook arrived and no secret is set for it', { source, next: settingOf(source) });
      isToldOf.add(source);
      return problem(c, 404, `nothing is at ${c.req.path}`);
    }
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
      return problem(c, 415, 'send the webhook as application/json');
    return (c.req.header(header) ?? '') === '' ? tellWrong(c, settingOf(source), wrong) : next();
  };
  app.post('/webhooks/:source', receivable, limited, async (c) => {
    const source = c.req.param('source');
    const body = new Uint8Array(await c.req.arrayBuffer());
    const signature = c.req.header(SIGNATURES.get(source) ?? '') ?? '';
    const signedBy = [...secretsOf(source, service.settings)]
      .filter(([, secret]) => isSignedByOneOf([secret], body, signature))
      .map(([name]) => name);
    if (signedBy.length === 0) return tellWrong(c, settingOf(source), wrong);
    const hint = await hintOf(service, { source, signedBy }, { headers: c.req.header(), body });
    const bodyHash = createHash('sha256').update(body).digest('hex');
    await service.store.receiveInbox({ source, dedupeKey: bodyHash, bodyHash, body: hint, atMs: service.now() });
    service.wakeup.notify();
    return c.json({ status: 'accepted' }, 202);
  });
  app.all('/webhooks/:source', (c) => {
    c.header('allow', 'POST');
    return problem(c, 405, 'webhooks are posted', 'let the forge or the tracker send them');
  });
  return app;
}

/** Every secret that a sender of this kind may use, by the name of its credential: the kind's own, and those with other names. */
function secretsOf(source: string, { credentials, tracker }: ServiceContext['settings']): ReadonlyMap<string, string> {
  if (source === 'plane')
    return new Map(tracker.planeWebhookSecret === '' ? [] : [[source, tracker.planeWebhookSecret]]);
  const isAnother = (name: string): boolean => name !== source && SIGNATURES.has(name);
  return new Map(
    [...credentials].flatMap(([name, { webhookSecret }]) =>
      webhookSecret === '' || isAnother(name) ? [] : [[name, webhookSecret] as const],
    ),
  );
}

function tellWrong(c: Context, setting: string, wrong: WrongTokens): Response {
  const seconds = wrong.noted(c);
  const next = `compare the secret with ${setting}`;
  if (seconds === 0) return problem(c, 401, 'the signature does not fit', next);
  c.header('retry-after', String(seconds));
  return problem(
    c,
    429,
    'the signature does not fit, and many others from this address did not',
    `${next}; another wrong one is looked at in ${seconds} s, one that fits at once`,
  );
}

const settingOf = (source: string): string => `ORCH_${source.toUpperCase()}_WEBHOOK_SECRET`;

interface Sender {
  readonly source: string;
  /** Names of the credentials whose secret fits. */
  readonly signedBy: readonly string[];
}

/**
 * What is kept: which thing is to be read again, of a comment who wrote what, and whose secret it came with, since one
 * repository's does not speak for another. The rest of a delivery is not believed.
 */
async function hintOf(
  { webhooks, tracker }: Receives,
  { source, signedBy }: Sender,
  delivery: Parameters<Receives['webhooks']['read']>[1],
): Promise<string> {
  if (parseJson(Buffer.from(delivery.body).toString('utf8')) === undefined) return 'null';
  if (source === 'plane') {
    const hint = await tracker.hint(delivery);
    return JSON.stringify(hint.kind === 're-read' ? { issueId: hint.issueId?.slice(0, 200) ?? null } : null);
  }
  const news = webhooks.read(source, delivery);
  if (news === null) return 'null';
  const isShort = news.comment !== null && news.comment.text.length <= LONGEST_COMMENT;
  return JSON.stringify({ ...news, comment: isShort ? news.comment : null, signedBy });
}
