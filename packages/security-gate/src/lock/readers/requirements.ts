/** requirements.txt as pip reads it, as far as it is data: pins, hashes, addresses and the places pip is told to look in. */
import { type LockAnswer, type LockedPackage, locked, lockOf, malformed } from '../locked-package.ts';
import { pypiName } from '../pypi-name.ts';

const INDEX = /^(?:-i|--index-url|--extra-index-url|-f|--find-links)$/;
const INCLUDE = /^(?:-r|--requirement|-c|--constraint)$/;
const QUIET =
  /^(?:--pre|--no-index|--require-hashes|--prefer-binary|--no-binary|--only-binary|--use-feature|--config-settings|--global-option)$/;
/** A folder, an archive or an address. */
const PLACE = /^(?:[a-z+]+:\/\/|file:|[./~])|\.(?:whl|zip|tar\.gz)$|^[\w@.-]+(?:\/[\w@.-]+)+$/i;
const BOUND = /^(?:===?|~=|!=|[<>]=?)\s*[\w.*+!-]+$/;
const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*/;

export function readRequirements(content: string): LockAnswer {
  const found: LockedPackage[] = [];
  const open: string[] = [];
  const included: string[] = [];
  for (const [at, line] of content.replace(/\\\n/g, ' ').split('\n').entries()) {
    const wanted = line.replace(/(?:^|\s)#.*$/, '').trim();
    if (wanted === '') continue;
    const [, flag = '', value = ''] = /^(-\w|--[a-z-]+)(?:[ =]\s*(.*)|)$/s.exec(wanted) ?? [];
    if (INDEX.test(flag)) found.push(locked(flag, '', { sources: [value], role: 'index' }));
    else if (flag === '--trusted-host') found.push(locked(flag, '', { sources: [`http://${value}/`], role: 'index' }));
    else if (INCLUDE.test(flag)) {
      if (/^[a-z+]+:\/\//i.test(value)) found.push(locked(flag, '', { sources: [value], role: 'index' }));
      else included.push(value);
    } else if (flag === '-e' || flag === '--editable') found.push(fromPlace('editable', value));
    else if (flag !== '') {
      if (!QUIET.test(flag)) return malformed(`requirement ${at + 1}: an unknown option`);
    } else {
      const one = readRequirement(wanted);
      if (one === null) return malformed(`requirement ${at + 1}: no requirement`);
      found.push(one);
      if (one.version === '' && one.sources.length === 0) open.push(one.name);
    }
  }
  const notes = [
    ...(open.length === 0 ? [] : [`no exact version, so not audited: ${named(open)}`]),
    ...(included.length === 0 ? [] : [`includes ${named(included)}`]),
  ];
  return lockOf(found, { notes });
}

const named = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

function readRequirement(wanted: string): LockedPackage | null {
  const hashes = [...wanted.matchAll(/\s--hash[= ](\w+:[0-9a-fA-F]+)/g)].map((match) => (match[1] ?? '').toLowerCase());
  const rest = wanted.replace(/\s--(?:hash|config-settings|global-option)[= ]\S+/g, '').trim();
  if (PLACE.test(rest)) return { ...fromPlace('', rest), hashes };
  const name = NAME.exec(rest);
  if (name === null) return null;
  const after = rest.slice(name[0].length);
  if (after.startsWith('@')) {
    const place = after.slice(1).split(';', 1)[0]?.trim() ?? '';
    return PLACE.test(place) && !/\s/.test(place) ? { ...fromPlace(name[1] ?? '', place), hashes } : null;
  }
  const range = (after.split(';', 1)[0] ?? '').trim().replace(/^\((.*)\)$/s, '$1');
  const bounds = range === '' ? [] : range.replace(/,\s*$/, '').split(',');
  if (!bounds.every((bound) => BOUND.test(bound.trim()))) return null;
  const exact = /^={2,3}\s*([\w.+!-]+)$/.exec(range)?.[1] ?? '';
  return locked(pypiName(name[1] ?? ''), exact, { hashes });
}

/** A folder or an address instead of a name. Its `#sha256=` is a hash. */
function fromPlace(name: string, place: string): LockedPackage {
  const [address = '', fragment = ''] = place.split('#', 2);
  const hash = /(?:^|&)(sha\d+|md5)=([0-9a-f]+)/i.exec(fragment);
  const isFolder = !/^[a-z+]+:\/\//i.test(address) && !/\.(?:whl|zip|tar\.gz)$/i.test(address);
  return locked(pypiName(name === '' ? (/egg=([\w.-]+)/.exec(fragment)?.[1] ?? 'unnamed') : name), '', {
    sources: [isFolder ? `link:${address.replace(/^file:/, '').replace(/\[[^\]]*\]$/, '')}` : address],
    hashes: hash === null ? [] : [`${hash[1]}:${hash[2]}`],
    role: isFolder ? 'local' : 'package',
  });
}
