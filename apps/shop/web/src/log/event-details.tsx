import { useState } from 'react';
import { api } from '../api.ts';
import { useLive } from '../live.tsx';
import { useLoad } from '../load.ts';
import { useNotify } from '../notice.tsx';
import { copy, curlOf, jsonOf } from './copy.ts';
import { writerOf } from './story.ts';
import type { Landed } from './story.ts';
import { lagSentence } from './words.ts';

/** An event in full, and ways to take it along. */
export function EventDetails({ landed }: { landed: Landed }) {
  const { me } = useLive();
  const notify = useNotify();
  const { data: config } = useLoad('config', api.config);
  const [tab] = useState(() => `curl-${Math.random().toString(36).slice(2, 10)}`);
  const json = jsonOf(landed);
  const doors = config && me && { ...config, shopUrl: location.origin, visitorId: me.visitorId };
  const command = doors && curlOf(landed, doors, tab);
  const take = (text: string, what: string) =>
    copy(text).then(
      () => notify(`${what} is on the clipboard.`),
      (error: Error) => notify(`${what} was not copied. ${error.message}`, 'problem'),
    );
  return (
    <div className="event-details">
      <p>
        Written by <strong>{writerOf(landed)}</strong>. {lagSentence(landed)}
      </p>
      <pre data-testid="log-json">{json}</pre>
      <p className="event-copies">
        <button type="button" className="link-button" onClick={() => take(json, 'The JSON')}>
          Copy JSON
        </button>
        {command && (
          <button
            type="button"
            className="link-button"
            data-testid="log-copy-curl"
            onClick={() => take(command.curl, 'The command')}
          >
            Copy as curl ({command.does})
          </button>
        )}
      </p>
    </div>
  );
}
