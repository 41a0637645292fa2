/**
 * The environment a command sees: a small base, what the caller allows, what the caller sets; nothing else.
 * The deny-list wins over the allow-list, because allow-lists come from configuration that a person can get wrong.
 */

type InheritedEnvironment = Readonly<Record<string, string | undefined>>;

const BASE: readonly string[] = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'CI'];
/** Without these a Windows program does not start. */
const BASE_WINDOWS: readonly string[] = ['SystemRoot', 'windir', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP'];

const SECRET_PART = /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|APIKEY|PRIVATE|WEBHOOK|DATABASE_URL|CONNECTION_STRING/i;
const SECRET_WORD = /(?:^|_)(?:KEYS?|PASS|AUTH|PAT|DSN|COOKIE|SESSION)(?:_|$)/i;
/** Would tie the command to a test runner's or a parent Node's private channel. */
const CHANNEL = /^(?:NODE_TEST_CONTEXT|NODE_CHANNEL_\w+|NODE_UNIQUE_ID|NODE_V8_COVERAGE|JEST_WORKER_ID)$/i;
/** A URL that carries a password. */
const URL_WITH_PASSWORD = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** True if a variable is never inherited by an allow-list, whatever the list says. */
export const isDenied = (name: string, value: string): boolean =>
  SECRET_PART.test(name) || SECRET_WORD.test(name) || CHANNEL.test(name) || URL_WITH_PASSWORD.test(value);

export interface WantedEnvironment {
  readonly allow: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  /** Directories behind those of an inherited PATH. */
  readonly morePath?: readonly string[];
}

/** Pure: `from` is the parent's environment. A `set` value wins over everything but NODE_CHANNEL_*. */
export function childEnvironment(
  from: InheritedEnvironment,
  wanted: WantedEnvironment,
  platform: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of platform === 'win32' ? [...BASE, ...BASE_WINDOWS, ...wanted.allow] : [...BASE, ...wanted.allow]) {
    const value = from[name];
    if (value !== undefined && !isDenied(name, value)) env[name] = value;
  }
  const { morePath = [] } = wanted;
  if (morePath.length > 0 && env['PATH'])
    env['PATH'] = [env['PATH'], ...morePath].join(platform === 'win32' ? ';' : ':');
  for (const [name, value] of Object.entries(wanted.set)) if (!/^NODE_CHANNEL_/i.test(name)) env[name] = value;
  return env;
}
