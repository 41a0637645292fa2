/**
 * Whose signatures under a certificate count, in the words that git itself reads: it takes none of the usual variables in every
 * build. Those of the process go down under git's own names.
 */

/**
 * `NODE_EXTRA_CA_CERTS` names authorities beside those of the machine, where git was built with a directory of those, as
 * Debian's is, else all of them; without it `SSL_CERT_FILE` and `SSL_CERT_DIR` mean what they mean to OpenSSL.
 */
export function authorities(): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: further = '', SSL_CERT_FILE: all = '', SSL_CERT_DIR: directory = '' } = process.env;
  const file = further === '' ? all : further;
  return {
    ...(file === '' ? {} : { GIT_SSL_CAINFO: file }),
    ...(directory === '' ? {} : { GIT_SSL_CAPATH: directory }),
  };
}
