/** One webhook as it arrived: header names in lower case, the body as the very bytes that are signed. */
export interface WebhookDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
