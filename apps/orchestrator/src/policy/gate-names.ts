/** What a shell calls the gates, apart from what they do: help and completion name them without loading one. */

/** In the order in which a change meets them. `GET /queue` has a block for each. */
export const GATE_NAMES = ['security', 'merge', 'coverage'] as const;
export type GateName = (typeof GATE_NAMES)[number];
