/**
 * Receivers of alerts: the Bot API of Telegram as far as `sendMessage` goes (held to answers that were seen through its client
 * libraries, not to the real service), and a webhook that keeps what it got. What a test wants answered next is queued.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Faults } from './faults.ts';
import { type Answer, type Received, type Served, serve } from './serve.ts';

/** A message that a person would see. */
export interface TelegramMessage {
  readonly chat: string;
  readonly text: string;
}

export interface WebhookDelivered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Null: it was not signed. */
  readonly isSignatureRight: boolean | null;
}

export interface Receivers extends Served {
  readonly token: string;
  readonly secret: string;
  readonly faults: Faults;
  readonly messages: readonly TelegramMessage[];
  readonly delivered: readonly WebhookDelivered[];
  /** Answers the next message with this; several are used up in order. */
  answerNext(answer: {
    readonly status: number;
    readonly body: unknown;
    readonly headers?: Record<string, string>;
  }): void;
}

const TEXT_UNITS = 4096;

/** Telegram below `/bot<token>/`, the webhook at `/hook`. Only `chats` are known. */
export async function receivers(chats: readonly string[]): Promise<Receivers> {
  const token = ['123456', 'planted-telegram-token'].join(':');
  const secret = 'planted-webhook-secret';
  const messages: TelegramMessage[] = [];
  const delivered: WebhookDelivered[] = [];
  const next: Answer[] = [];
  const faults = new Faults();
  const answer = async (received: Received): Promise<Answer> => {
    const queued = next.shift();
    if (queued !== undefined) return queued;
    if (received.path === '/hook') {
      delivered.push(deliveryOf(received, secret));
      return json(200, 'ok');
    }
    if (received.path !== `/bot${token}/sendMessage`)
      return json(received.path.startsWith('/bot') ? 401 : 404, refusal(401, 'Unauthorized'));
    return sendMessage(received, { chats, messages });
  };
  const served = await serve({ faults, answer });
  const answerNext: Receivers['answerNext'] = ({ status, body, headers = {} }) =>
    void next.push(json(status, body, headers));
  return { ...served, token, secret, faults, messages, delivered, answerNext };
}

function sendMessage(
  { body }: Received,
  { chats, messages }: { readonly chats: readonly string[]; readonly messages: TelegramMessage[] },
): Answer {
  const { chat_id: chat, text, parse_mode: markup } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  if (typeof text !== 'string' || text.trim() === '')
    return json(400, refusal(400, 'Bad Request: message text is empty'));
  if (text.length > TEXT_UNITS) return json(400, refusal(400, 'Bad Request: message is too long'));
  if (!chats.includes(String(chat))) return json(400, refusal(400, 'Bad Request: chat not found'));
  if (markup !== undefined) return json(400, refusal(400, "Bad Request: can't parse entities"));
  messages.push({ chat: String(chat), text });
  return json(200, { ok: true, result: { message_id: messages.length, text } });
}

const refusal = (code: number, description: string) => ({ ok: false, error_code: code, description });

function deliveryOf({ headers, body }: Received, secret: string): WebhookDelivered {
  const signed = headers['x-gatehouse-signature'];
  const right = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const isRight = signed?.length === right.length && timingSafeEqual(Buffer.from(signed), Buffer.from(right));
  return {
    headers,
    body: JSON.parse(body.toString('utf8')) as unknown,
    isSignatureRight: signed === undefined ? null : isRight,
  };
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});
