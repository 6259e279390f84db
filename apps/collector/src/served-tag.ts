import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

// The tag goes to browsers as it was written.
const source = readFileSync(join(process.cwd(), 'apps', 'collector', 'src', 'tag.js'));

/** The tag, ready to be sent. */
export const servedTag = {
  plain: source,
  gzipped: gzipSync(source, { level: 9 }),
  etag: `W/"${createHash('sha256').update(source).digest('base64url').slice(0, 20)}"`,
};
