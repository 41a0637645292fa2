/** Nothing in the repository names the machine or the registry of its author. */
import { dirname } from 'node:path/posix';
import {
  filesMatching,
  type Guard,
  lineAt,
  type RepoFile,
  type RepoTree,
  readNothing,
  type Violation,
} from '../tree.ts';

const INSTALL_FILES =
  /(^|\/)(pnpm-lock\.yaml|pnpm-workspace\.yaml|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|\.npmrc|\.yarnrc(\.yml)?|bunfig\.toml)$/;
const LOOPBACK = '(?!(?:127\\.|localhost\\b|\\[::1\\]))';

/** Parents of a checkout that also mean something in a text of their own: there the checkout itself is searched for. */
const PLAIN_PLACES = new Set(
  '/ /tmp /var /usr /opt /src /app /home /root /mnt /srv /data /workspace /workspaces /builds /repo /build'.split(' '),
);

export const machine: Guard = {
  name: 'no registry host and no path of one machine',
  rules: ['host-in-install-file', 'registry', 'machine-path'],
  check(tree) {
    const files = filesMatching(tree, /./).filter((file) => file.text !== '');
    if (files.length === 0) return readNothing('file');
    const paths = machinePaths(tree);
    return files.flatMap((file) => [
      ...hosts(file),
      ...registries(file),
      ...found(file, { rule: 'machine-path', pattern: paths, message: pathMessage }),
    ]);
  },
};

const pathMessage = 'is a path of one machine; derive it, or write a path below a temporary folder';

function hosts(file: RepoFile): Violation[] {
  if (!INSTALL_FILES.test(file.path)) return [];
  const message =
    'is a host in a file that decides where packages come from; leave that to the registry of whoever installs';
  return found(file, {
    rule: 'host-in-install-file',
    pattern: new RegExp(`(?:https?:)?//${LOOPBACK}[\\w.-]+\\.\\w+`, 'gi'),
    message,
  });
}

function registries(file: RepoFile): Violation[] {
  if (INSTALL_FILES.test(file.path)) return [];
  const pattern = new RegExp(`\\bregistry["']?\\s*[=:]\\s*["']?https?://${LOOPBACK}\\S+`, 'gi');
  return found(file, { rule: 'registry', pattern, message: 'chooses a registry for everybody; leave it out' });
}

/** Home folders and the checkout's own surroundings, only where a path begins. */
function machinePaths({ root }: RepoTree): RegExp {
  const parent = dirname(root);
  const own = (PLAIN_PLACES.has(parent) ? root : parent).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const places = [`${own}/`, '/(?:root|(?:home|Users)/[\\w.-]+)/'];
  return new RegExp(`(?<=^|[\\s"'\`(=:,[])(?:file://)?(?:${places.join('|')})`, 'gm');
}

interface Search {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
}

function found(file: RepoFile, { rule, pattern, message }: Search): Violation[] {
  return [...file.text.matchAll(pattern)].map((match) => {
    const line = lineAt(file.text, match.index);
    return { rule, path: file.path, line, message: `'${match[0]}' ${message}` };
  });
}
