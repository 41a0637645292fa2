/** Telegram: one `sendMessage` of plain text. The token stands in the url, so no error of the request is shown as it is. */
import { request } from '../platform/request.ts';
import { tellAnswerOf } from './answers.ts';
import { noticeText } from './notice-text.ts';
import type { Receiver } from './port.ts';

/** The most that one message takes, in UTF-16 units. */
const LIMIT = 4096;
const TIMEOUT_MS = 10_000;

export interface TelegramAccess {
  /** Of the Bot API, without a path. */
  readonly api: string;
  readonly token: string;
  readonly chat: string;
}

export function telegram({ api, token, chat }: TelegramAccess): Receiver {
  const url = `${api.replace(/\/+$/, '')}/bot${token}/sendMessage`;
  return {
    kind: 'telegram',
    async send(notice, signal) {
      const body = JSON.stringify({
        chat_id: chat,
        text: noticeText(notice, LIMIT),
        link_preview_options: { is_disabled: true },
      });
      const headers = { 'content-type': 'application/json' };
      const sending = {
        url,
        method: 'POST',
        headers,
        body,
        timeoutMs: TIMEOUT_MS,
        showsRedirects: true,
        secrets: [url, token],
      } as const;
      return tellAnswerOf(await request({ ...sending, ...(signal === undefined ? {} : { signal }) }), 'telegram');
    },
  };
}
