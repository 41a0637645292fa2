/** Webhooks out: posted in order, one at a time, and never repeated; or doubled, reordered, lost, as a test asks. */

export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `reordered`: what waits together goes out backwards. */
export type WebhookFault = 'doubled' | 'reordered' | 'lost';

export interface WebhookTarget {
  readonly url: string;
  /** Headers that depend on the body: signatures. */
  sign(body: string): Readonly<Record<string, string>>;
}

export class WebhookSender {
  /** Every one that was to be sent, lost ones too. */
  readonly sent: Webhook[] = [];
  fault: WebhookFault | null = null;
  #waiting: Webhook[] = [];
  #target: WebhookTarget | null = null;
  #isHeld = false;
  #running: Promise<void> = Promise.resolve();

  /** Where they go; null: nowhere, but `sent` is kept. */
  set target(target: WebhookTarget | null) {
    this.#target = target;
  }

  /** Keeps what is sent from now on, until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): Promise<void> {
    this.#isHeld = false;
    return this.flush();
  }

  send(webhook: Webhook): void {
    this.sent.push(webhook);
    if (this.#target === null || this.fault === 'lost') return;
    this.#waiting.push(webhook, ...(this.fault === 'doubled' ? [webhook] : []));
    if (!this.#isHeld) void this.flush();
  }

  /** Resolves when everything that waits was posted; a receiver that fails is not asked again. */
  flush(): Promise<void> {
    this.#running = this.#running.then(async () => {
      while (this.#waiting.length > 0 && !this.#isHeld) {
        const next = this.fault === 'reordered' ? this.#waiting.pop() : this.#waiting.shift();
        if (next !== undefined) await this.#post(next);
      }
    });
    return this.#running;
  }

  async #post({ headers, body }: Webhook): Promise<void> {
    const target = this.#target;
    if (target === null) return;
    const all = { 'content-type': 'application/json', ...headers, ...target.sign(body) };
    await fetch(target.url, { method: 'POST', headers: all, body, signal: AbortSignal.timeout(10_000) }).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
  }
}
