/**
 * What git sees of the world: a fixed environment and fixed settings. Nothing is inherited but PATH and, for a remote,
 * what a network needs. Every line closes a way by which a repository could make git run something or answer
 * something else; test/attacks.test.ts plants each of them.
 */
import { authorities } from './authorities.ts';

/** The tree without entries; newer gits read attributes from it, so a branch cannot change what a bare call answers. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Settings given on every command line; they win over the repository's own configuration. */
export const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.pager=cat',
  'core.askPass=',
  'core.logAllRefUpdates=false',
  'core.quotePath=false',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'safe.bareRepository=explicit',
  'protocol.version=2',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'credential.helper=',
  'http.followRedirects=false',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'push.gpgSign=false',
  'rerere.enabled=false',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** Variables taken over from the service, by name: what is needed to find git, and to reach a remote. */
export const INHERITED = {
  local: ['PATH'],
  remote: ['PATH', 'SSH_AUTH_SOCK', 'http_proxy', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'],
} as const;

/** Variables set for every call. `protocol` is the only transport git may speak; local calls speak none. */
export function gitEnvironment(protocol: string | undefined, bare: boolean): Record<string, string> {
  return {
    LC_ALL: 'C',
    TZ: 'UTC',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    ...(bare ? { GIT_ATTR_SOURCE: EMPTY_TREE } : {}),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oControlMaster=no -oControlPath=none',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: protocol ?? 'none',
    ...(protocol === 'https' ? authorities() : {}),
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'true',
    GIT_SEQUENCE_EDITOR: 'true',
    GIT_MERGE_AUTOEDIT: 'no',
    GIT_ADVICE: '0',
    GIT_COMMITTER_NAME: 'Gatehouse',
    GIT_COMMITTER_EMAIL: 'gatehouse@localhost',
  };
}
