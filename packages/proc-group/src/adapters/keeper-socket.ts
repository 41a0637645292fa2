/** Where keepers report: one socket per process. A connection becomes the run whose token it says first. */
import type { Socket } from 'node:net';
import { randomBytes } from './random.ts';
import { listenForLines, type TokenSocket } from './token-socket.ts';

/** Called once, with the connection and what came after the token. */
export type OnKeeper = (socket: Socket, rest: string) => void;

const expected = new Map<string, OnKeeper>();

let listening: Promise<TokenSocket | null> | null = null;

function listen(): Promise<TokenSocket | null> {
  listening ??= listenForLines('keeper', (socket, token, rest) => {
    const onKeeper = expected.get(token);
    expected.delete(token);
    onKeeper?.(socket, rest);
    return onKeeper !== undefined;
  });
  return listening;
}

/** Without its leading zero byte; null if no socket can be had. */
export const keeperAddress = async (): Promise<string | null> => (await listen())?.address ?? null;

/** See `TokenSocket`; false without a socket. */
export const heardAll = async (): Promise<boolean> => (await (await listen())?.heardAll()) ?? false;

/** A token that is good for one connection. */
export function expectKeeper(onKeeper: OnKeeper): { readonly token: string; readonly forget: () => void } {
  const token = randomBytes(24).toString('hex');
  expected.set(token, onKeeper);
  return { token, forget: () => void expected.delete(token) };
}
