/** Places where passwords and tokens stand without letters of their own, and codes that hide a token. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { noise } from './fake-secrets.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const scheme = (name: string): string => `${name}://`;

/** Texts that hold the secret they are given. */
export const PLACES: { readonly [place: string]: (secret: string) => string } = {
  '.env': (s) => `DB_HOST=db\nDB_PASSWORD=${s}\n`,
  '.env, quoted': (s) => `export SMTP_PASS="${s}"\n`,
  YAML: (s) => `database:\n  user: app\n  password: ${s}\n`,
  'YAML, quoted': (s) => `spring:\n  datasource:\n    password: '${s}'\n`,
  'YAML block': (s) => `password: |\n  ${s}\n`,
  'container environment': (s) => `env:\n  - name: DB_PASSWORD\n    value: ${s}\n`,
  'compose list': (s) => `environment:\n  - POSTGRES_PASSWORD=${s}\n`,
  properties: (s) => `spring.datasource.username=app\nspring.datasource.password=${s}\n`,
  INI: (s) => `[client]\nuser = app\npassword = ${s}\n`,
  TOML: (s) => `[db]\npassword = "${s}"\n`,
  JSON: (s) => JSON.stringify({ db: { password: s } }),
  'escaped JSON': (s) => JSON.stringify({ config: JSON.stringify({ password: s }) }),
  'JSON of names and values': (s) => JSON.stringify([{ name: 'DB_PASSWORD', value: s }]),
  'XML element': (s) => `<server><username>ci</username><password>${s}</password></server>`,
  'XML attribute': (s) => `<add key="SmtpPassword" value="${s}" />`,
  'XML property': (s) => `<property name="password">${s}</property>`,
  plist: (s) => `<key>api_password</key>\n<string>${s}</string>`,
  'SQL Server string': (s) => `Server=tcp:db.internal,1433;Database=app;User Id=app;Password=${s};Encrypt=True;`,
  'SQL Server string in JSON': (s) =>
    JSON.stringify({ ConnectionStrings: { Default: `Server=db;User ID=sa;Pwd=${s};TrustServerCertificate=true` } }),
  '.netrc': (s) => `machine git.internal login deploy password ${s}\n`,
  '.netrc in lines': (s) => `machine git.internal\n  login deploy\n  password ${s}\n`,
  '.npmrc token': (s) => `//registry.internal/:_authToken=${s}\n`,
  '.npmrc password': (s) => `//registry.internal/:_password=${base64(s)}\n`,
  '.pgpass': (s) => `db.internal:5432:app:deploy:${s}\n`,
  'docker config': (s) => `{"auths":{"registry.internal":{"auth":"${base64(`deploy:${s}`)}"}}}`,
  'curl -u': (s) => `curl -sS -u deploy:${s} https://git.internal/api\n`,
  'curl header': (s) => `curl -H "X-Api-Key: ${noise(s, 32)}" https://git.internal/api\n`,
  'bearer header': (s) => `Authorization: Bearer ${noise(s, 40)}\n`,
  'basic header': (s) => `Authorization: Basic ${base64(`deploy:${s}`)}\n`,
  'define()': (s) => `define('DB_PASSWORD', '${s}');\n`,
  'PHP array': (s) => `'password' => '${s}',\n`,
  Python: (s) => `DB_PASSWORD: str = "${s}"\n`,
  Go: (s) => `dbPassword := "${s}"\n`,
  Java: (s) => `private static final String DB_PASSWORD = "${s}";\n`,
  'Ruby hash': (s) => `{ :password => "${s}" }\n`,
  Dockerfile: (s) => `ENV DB_PASSWORD=${s}\n`,
  Terraform: (s) => `  master_password      = "${s}"\n`,
  'URL of a data base': (s) => `DATABASE_URL=${scheme('postgres')}app:${s}@db.internal:5432/app\n`,
  'URL in git config': (s) => `url = ${scheme('https')}deploy:${s}@git.internal/x.git\n`,
  'command line': (s) => `./deploy --user ci --password ${s} --now\n`,
  'MySQL statement': (s) => `CREATE USER 'app'@'%' IDENTIFIED BY '${s}';\n`,
  'PostgreSQL statement': (s) => `ALTER ROLE app WITH PASSWORD '${s}';\n`,
  PowerShell: (s) => `$p = ConvertTo-SecureString "${s}" -AsPlainText -Force\n`,
  'Redis configuration': (s) => `requirepass ${s}\n`,
  'query of a URL': (s) => `https://api.internal/v1?user=ci&password=${s}&x=1\n`,
  'Kubernetes secret': (s) => `kind: Secret\ndata:\n  password: ${base64(s)}\n`,
  'Windows text': (s) => `user=ci\r\npassword=${s}\r\n`,
};

/** A zip archive of one member, as the smallest writer makes it. */
export function zipOf(name: string, content: Buffer): Buffer {
  const body = deflateRawSync(content);
  const file = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(body.length, 18);
  local.writeUInt32LE(content.length, 22);
  local.writeUInt16LE(file.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(body.length, 20);
  entry.writeUInt32LE(content.length, 24);
  entry.writeUInt16LE(file.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + file.length, 12);
  end.writeUInt32LE(local.length + file.length + body.length, 16);
  return Buffer.concat([local, file, body, entry, file, end]);
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Bytes that hold the token they are given, in some code. */
export const CODES: { readonly [code: string]: (token: string) => string | Buffer } = {
  'UTF-16, little end first': (t) => utf16(`\ufeffa\n${t}\n`),
  'UTF-16, big end first': (t) => utf16(`a\n${t}\n`).swap16(),
  'UTF-32': (t) => Buffer.from([...`a ${t}`].flatMap((char) => [0, 0, 0, char.charCodeAt(0)])),
  base64: (t) => `data: ${base64(`token ${t} end`)}\n`,
  'base64 twice': (t) => `data: ${base64(base64(`token ${t} end`))}\n`,
  'base64 in a path': (t) => `GET /v1/files/${base64(`token ${t} e`)}/raw\n`,
  'base64 behind a name': (t) => `release-notes-${base64(`token ${t} end`)}\n`,
  'base64 in lines': (t) => base64(`${'some text '.repeat(12)}${t}`).replace(/.{64}/g, '$&\n'),
  'base64 of a gzip stream': (t) => `data: ${gzipSync(`token ${t} end`).toString('base64')}\n`,
  hex: (t) => `h=${Buffer.from(t).toString('hex')}`,
  'hex at the end of a line': (t) => `h=${Buffer.from(`a ${t}`).toString('hex')}\nword\n`,
  'hex in lines': (t) =>
    Buffer.from(`${'some text '.repeat(6)}${t}`)
      .toString('hex')
      .replace(/.{60}/g, '$&\n'),
  'hex in lines before a word': (t) =>
    `${Buffer.from(t.padEnd(64, ' .')).toString('hex').replace(/.{64}/g, '$&\n')}word\n`,
  'PowerShell -EncodedCommand': (t) => `powershell -enc ${utf16(`$env:TOKEN = "${t}"`).toString('base64')}\n`,
  'percent of some letters': (t) => `next=https%3A%2F%2Fx%2F%3Ft%3D${t.replace('_', '%5F')}\n`,
  'percent of every letter': (t) => `x=${t.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`)}\n`,
  '\\u': (t) => `"${t.replace(/./g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)}"\n`,
  '\\x': (t) => `"${t.replace(/[a-p]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)}"\n`,
  'behind a written line end': (t) => `x%0a${t} and y\\u000a${t}, or z\\f${t}\n`,
  'between the surroundings of two escapes': (t) =>
    `%41${'.'.repeat(380)} ${t.slice(0, 30)}${t.slice(30).replace(/./, (char) => `%${char.charCodeAt(0).toString(16)}`)}`,
  'base64 behind a written line end': (t) => `"x\\n${base64(`token ${t} end`)}"\n`,
  'hex behind a written line end': (t) => `"x\\n${Buffer.from(`a ${t}`).toString('hex')}"\n`,
  'hex of a data base': (t) => `\\x${Buffer.from(`a ${t}`).toString('hex')}\n`,
  'entities of XML': (t) => `<t>${t.replace(/[a-p]/g, (char) => `&#${char.charCodeAt(0)};`)}</t>\n`,
  'invisible characters': (t) => `${t.slice(0, 20)}\u200b${t.slice(20)}`,
  'direction characters': (t) => `${t.slice(0, 10)}\u202e${t.slice(10, 20)}\u2066${t.slice(20)}`,
  gzip: (t) => gzipSync(`a\n${t}\n`),
  zip: (t) => zipOf('secret.txt', Buffer.from(`a ${t}\n`)),
  'zip in zip': (t) => zipOf('inner.zip', zipOf('secret.txt', Buffer.from(`a ${t}\n`))),
  'gzip in zip': (t) => zipOf('inner.gz', gzipSync(`a ${t}\n`)),
};
