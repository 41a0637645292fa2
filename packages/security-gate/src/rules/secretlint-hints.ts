/**
 * Which words must stand in a text before a rule of the embedded engine can match it; a rule that is not named here always
 * runs. A test compares the list with the rules that there are.
 */
export const SECRETLINT_HINTS: readonly (readonly [rule: string, ...words: string[]])[] = [
  ['aws', 'A3T', 'AKIA', 'AGPA', 'AIDA', 'AROA', 'AIPA', 'ANPA', 'ANVA', 'ASIA', 'access_key', 'accesskey'],
  ['gcp', 'private_key_id'],
  ['npm', '_authtoken', 'npm_', 'x-oauth-basic'],
  ['slack', 'xoxb-', 'xoxp-', 'xapp-', 'xoxa-', 'xoxo-', 'xoxr-', 'hooks.slack.com'],
  ['openai', 't3blbkfj'],
  ['anthropic', 'sk-ant-api0'],
  ['groq', 'gsk_'],
  ['huggingface', 'hf_'],
  ['linear', 'lin_api_'],
  ['notion', 'ntn_'],
  ['privatekey', 'private key'],
  ['sendgrid', 'sg.'],
  ['shopify', 'shppa_', 'shpca_', 'shpat_', 'shpss_'],
  ['stripe', 'sk_live', 'sk_test', 'rk_live', 'rk_test'],
  ['github', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  ['gitlab', 'glpat-'],
  ['grafana', 'glc_', 'glsa_'],
  ['1password', 'ops_ey'],
  ['hashicorp-vault', 'hvs.', 'hvb.', 'hvr.'],
  ['vercel', 'vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
  ['databricks', 'dapi'],
  ['docker', 'dckr_pat_'],
  ['figma', 'figd_'],
  ['cloudflare', 'cfk_', 'cfut_', 'cfat_'],
  ['tailscale', 'tskey-'],
];

/** Rules about the user and password of a URL: they run where one stands, which our own rule for it tells. */
export const SECRETLINT_URL_RULES: readonly string[] = ['basicauth', 'database-connection-string'];
