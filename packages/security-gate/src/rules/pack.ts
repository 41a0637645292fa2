/** Every rule that names its provider or its notation. What only a name shows is in generic-assignment.ts. */
import { CLOUDS } from './pack/clouds.ts';
import { CODE_HOSTS } from './pack/code-hosts.ts';
import { DATA_SERVICES } from './pack/data-services.ts';
import { MESSAGING } from './pack/messaging.ts';
import { PAYMENTS } from './pack/payments.ts';
import { PLACES } from './pack/places.ts';
import { MODELS, OBSERVATION } from './pack/services.ts';
import type { SecretRule } from './rule.ts';

export const RULES: readonly SecretRule[] = [
  ...CODE_HOSTS,
  ...CLOUDS,
  ...MESSAGING,
  ...PAYMENTS,
  ...MODELS,
  ...OBSERVATION,
  ...DATA_SERVICES,
  ...PLACES,
];

/** Of the rules with one name the first says it for a match that another engine found. */
const WHY = new Map([...RULES].reverse().map(({ id, why }) => [id, why]));

/** Why a finding of a rule counts, as the end of a sentence. */
export const whyItCounts = (rule: string): string =>
  WHY.get(rule) ??
  (rule === 'secret/generic-assignment'
    ? 'its name says that it is a secret and it looks drawn at random or typed as a password'
    : 'it has the form that its provider documents');
