/**
 * A webhook of one's own, or of Slack, Mattermost or Discord. The url of the last three is a password, so no reason holds one.
 * Only plain JSON is signed: HMAC-SHA256 of the raw body, in hex, as `X-Gatehouse-Signature: sha256=…`.
 */
import { createHmac } from 'node:crypto';
import { request } from '../platform/request.ts';
import { tellAnswerOf } from './answers.ts';
import { noticeText } from './notice-text.ts';
import type { Notice, Receiver } from './port.ts';
import { severityOf } from './severity.ts';

const TIMEOUT_MS = 10_000;

export const WEBHOOK_FORMATS = ['json', 'slack', 'mattermost', 'discord'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

export interface WebhookAccess {
  readonly url: string;
  /** Empty: the body is not signed. */
  readonly secret: string;
  readonly format: WebhookFormat;
}

export function webhook({ url, secret, format }: WebhookAccess): Receiver {
  const kind = format === 'json' ? 'webhook' : format;
  return {
    kind,
    async send(notice, signal) {
      const body = JSON.stringify(BODY_OF[format](notice));
      const headers = {
        'content-type': 'application/json',
        'x-gatehouse-delivery': notice.id,
        ...(secret === '' || format !== 'json' ? {} : { 'x-gatehouse-signature': signatureOf(secret, body) }),
      };
      const secrets = secretsOf(url, secret);
      const sending = {
        url,
        method: 'POST',
        headers,
        body,
        timeoutMs: TIMEOUT_MS,
        showsRedirects: true,
        secrets,
      } as const;
      return tellAnswerOf(await request({ ...sending, ...(signal === undefined ? {} : { signal }) }), kind);
    },
  };
}

/** What a receiver compares, in constant time, with the header. */
export const signatureOf = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** The format of a host whose webhooks are known; others get plain JSON. */
export function formatOf(url: string): WebhookFormat {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (host === 'hooks.slack.com') return 'slack';
  return host === 'discord.com' || host === 'discordapp.com' ? 'discord' : 'json';
}

const BODY_OF: Readonly<Record<WebhookFormat, (notice: Notice) => unknown>> = {
  json: ({ id, alerts }) => ({
    id,
    alerts: alerts.map((alert) => ({ ...alert, severity: severityOf(alert) })),
    text: noticeText({ alerts }, 4000),
  }),
  slack: (notice) => ({ text: escapeSlack(noticeText(notice, 3000)) }),
  mattermost: (notice) => ({ text: inCode(noticeText(notice, 4000)) }),
  discord: (notice) => ({ content: inCode(noticeText(notice, 1900)), allowed_mentions: { parse: [] } }),
};

/** As Slack documents it: three characters, and then nothing is a mention or a link. */
const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A block of code, in which nothing is a mention, a link or markup. */
const inCode = (text: string): string => `\`\`\`\n${text.replaceAll('```', "'''")}\n\`\`\``;

/** The url as it is and as `URL` writes it, and its path, which an error may quote alone. */
function secretsOf(url: string, secret: string): readonly string[] {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return [url, secret, ...(parsed === null ? [] : [parsed.href, `${parsed.pathname}${parsed.search}`])];
}
