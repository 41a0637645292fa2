/**
 * Which transport a configured url needs. Only that one is allowed for the call, so neither a helper (`ext::`) nor a
 * second transport can be reached from it.
 */
import { isAbsolute } from 'node:path';

/** A remote that may be reached. `protocol` is what git may speak during the call. */
export interface Remote {
  readonly kind: 'remote';
  readonly url: string;
  readonly protocol: 'https' | 'http' | 'ssh' | 'file';
}

/** Outcome of `parseRemoteUrl`. */
export type RemoteUrl = Remote | { readonly kind: 'refused'; readonly reason: string };

const SCP_LIKE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~/][^\s]*$/;

/** Judges a url from trusted configuration: https, http, ssh, `user@host:path`, `file:///path` or an absolute path. */
export function parseRemoteUrl(url: unknown): RemoteUrl {
  if (typeof url !== 'string' || url.length > 2048) return refused('a url is a text of at most 2048 characters');
  if (hasControl(url)) return refused('a url holds no control characters');
  if (isAbsolute(url)) return { kind: 'remote', url, protocol: 'file' };
  if (SCP_LIKE.test(url) && !url.includes('::')) return { kind: 'remote', url, protocol: 'ssh' };
  const scheme = /^(https|http|ssh|file):\/\//.exec(url)?.[1];
  if (scheme === undefined || !URL.canParse(url)) {
    return refused('a url starts with https://, http://, ssh://, file:/// or is an absolute path or user@host:path');
  }
  const parsed = new URL(url);
  if (scheme === 'file') return fileUrl(url, parsed);
  if (parsed.password !== '' || (scheme !== 'ssh' && parsed.username !== '')) {
    return refused('a url holds no credentials: pass them as `authorization`');
  }
  if (!/^[A-Za-z0-9[]/.test(parsed.hostname)) return refused('a host name starts with a letter or a digit');
  return { kind: 'remote', url, protocol: scheme as 'https' | 'http' | 'ssh' };
}

const fileUrl = (url: string, parsed: URL): RemoteUrl =>
  parsed.host === '' && parsed.pathname.startsWith('/')
    ? { kind: 'remote', url, protocol: 'file' }
    : refused('a file url names no host: file:///path');

const hasControl = (text: string): boolean =>
  [...text].some((char) => (char.codePointAt(0) ?? 0) < 0x20 || char === '\u007f');

const refused = (reason: string): RemoteUrl => ({ kind: 'refused', reason });
