/** The board's files: one stylesheet, one script, one icon. Their addresses carry a hash of what they hold, so browsers keep them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';

const TYPES = {
  'board.css': 'text/css; charset=utf-8',
  'board.js': 'text/javascript; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
} as const;

type AssetName = keyof typeof TYPES;

interface Asset {
  readonly name: AssetName;
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly compressed: Uint8Array<ArrayBuffer>;
  readonly version: string;
}

const DIRECTORY = new URL('../../../assets/', import.meta.url);
/** What a file is made of, in this order; what comes later wins. */
const PARTS: { readonly [Name in AssetName]: readonly string[] } = {
  'board.css': ['tokens', 'frame', 'parts', 'pages', 'screens'].map((part) => `style/${part}.css`),
  'board.js': ['board.js'],
  'favicon.svg': ['favicon.svg'],
};

export interface Assets {
  /** The address of a file as pages link to it. */
  readonly address: (name: AssetName) => string;
  readonly routes: Hono;
}

/** Reads the files once. */
export function loadAssets(): Assets {
  const known = new Map((Object.keys(TYPES) as AssetName[]).map((name) => [name, readAsset(name)]));
  const routes = new Hono();
  for (const asset of known.values())
    routes.get(`/${asset.name}`, (c) => {
      c.header('content-type', asset.type);
      c.header('etag', `"${asset.version}"`);
      c.header('vary', 'accept-encoding');
      // The one answer that may be kept: what is at this address is never anything else.
      if (c.req.query('v') === asset.version) c.header('cache-control', 'public, max-age=31536000, immutable');
      if (c.req.header('if-none-match') === `"${asset.version}"`) return c.body(null, 304);
      if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(asset.plain);
      c.header('content-encoding', 'gzip');
      return c.body(asset.compressed);
    });
  return { address: (name) => `/${name}?v=${known.get(name)?.version ?? ''}`, routes };
}

function readAsset(name: AssetName): Asset {
  const plain = new Uint8Array(Buffer.concat(PARTS[name].map((part) => readFileSync(new URL(part, DIRECTORY)))));
  const version = createHash('sha256').update(plain).digest('hex').slice(0, 16);
  return { name, type: TYPES[name], plain, compressed: new Uint8Array(gzipSync(plain, { level: 9 })), version };
}
