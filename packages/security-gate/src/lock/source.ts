/** What an address in a lockfile is: a host with registries, a repository on a host that anybody can fill, a folder, … */
import { posix } from 'node:path';

/** `place` is what is trusted or not: a host, or `host/owner/repository` where anybody can publish on the host. */
export type Source =
  | { readonly kind: 'host'; readonly place: string; readonly url: URL }
  | { readonly kind: 'inside' }
  | { readonly kind: 'outside'; readonly path: string }
  | { readonly kind: 'elsewhere'; readonly what: string };

/** Hosts where anybody can put a file: one address says nothing about another owner's. */
const SHARED =
  /^(?:(?:www\.|api\.|codeload\.|raw\.|gist\.|objects\.)?github(?:usercontent)?\.com|(?:raw|gist|objects|media)\.githubusercontent\.com|gitlab\.com|bitbucket\.org|codeberg\.org|sourceforge\.net|dl\.dropboxusercontent\.com|drive\.google\.com|storage\.googleapis\.com|s3[.\w-]*\.amazonaws\.com|cdn\.jsdelivr\.net|unpkg\.com|esm\.sh|pkg\.pr\.new)$/;

/** `folder` is where the lockfile stands; a path that leaves the repository from there is outside. */
export function sourceOf(address: string, folder: string): Source {
  const path = /^(?:link|file):(?:\/\/(?=\/))?(.*)$/s.exec(address);
  if (path !== null) return pathOf(path[1] ?? '', folder, address.startsWith('file:'));
  const url = URL.parse(address);
  if (url?.protocol === 'https:') return { kind: 'host', place: placeOf(url), url };
  if (url?.protocol === 'http:') return { kind: 'elsewhere', what: `comes over plain http from ${url.host}` };
  if (address.startsWith('replaced:'))
    return { kind: 'elsewhere', what: `is replaced by ${address.slice('replaced:'.length)}` };
  if (address.startsWith('patch:')) return { kind: 'elsewhere', what: 'is a patch of another package' };
  const protocol = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1];
  if (protocol === undefined) return pathOf(address, folder, false);
  return { kind: 'elsewhere', what: `is installed from ${protocol}: and not from a registry` };
}

/** An archive in the repository is neither reviewed text nor a registry's package; a folder is code like any other. */
function pathOf(path: string, folder: string, isFile: boolean): Source {
  const plain = path.replaceAll('\\', '/').replace(/[#?].*$/s, '');
  const decoded = /%2e|%2f|%5c/i.test(plain) ? plain.replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/') : plain;
  if (/^(?:\/|~|[a-z]:)/i.test(decoded)) return { kind: 'outside', path };
  const whole = posix.normalize(posix.join(folder, decoded));
  if (whole === '..' || whole.startsWith('../')) return { kind: 'outside', path };
  if (isFile && /\.(?:tgz|tar\.gz|tar|tar\.bz2|zip|whl|jar|gem|crate)$/i.test(decoded))
    return { kind: 'elsewhere', what: 'is an archive in the repository and not from a registry' };
  return { kind: 'inside' };
}

function placeOf(url: URL): string {
  if (!SHARED.test(url.hostname)) return url.host;
  const segments = url.pathname.split('/').filter(Boolean);
  const [owner = '', repository = ''] = url.hostname === 'api.github.com' ? segments.slice(1) : segments;
  const host = /github/.test(url.hostname) ? 'github.com' : url.host;
  return `${host}/${owner}/${repository.replace(/\.git$/, '')}`.toLowerCase();
}
