import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

// The tag goes to browsers as it was written, so it is read from the source folder by the built
// service too.
const folder = import.meta.dirname.replace(`${sep}dist${sep}apps${sep}`, `${sep}apps${sep}`);

const source = readFileSync(join(folder, 'tag.js'));

/** The tag, ready to be sent. */
export const servedTag = {
  plain: source,
  gzipped: gzipSync(source, { level: 9 }),
  etag: `W/"${createHash('sha256').update(source).digest('base64url').slice(0, 20)}"`,
};
