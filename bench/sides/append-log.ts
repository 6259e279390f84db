import { LogWriter } from '#log/writer';
import { view, views } from '../hits.ts';
import { appending, serve, settings } from '../serve.ts';
import type { Appending } from '../serve.ts';

/* Appends through LogWriter: one event at a time by many, or batch after batch. */

const { brokers } = settings<{ brokers: string[] }>();
const writer = await LogWriter.connect({ brokers, service: 'collector' });
const single = view(1);
const batch = views(0, 1000);

serve(({ mode, ms }: Appending) =>
  mode === 'single'
    ? appending(200, ms, () => writer.append([single]).then(() => 1))
    : appending(1, ms, () => writer.append(batch).then(() => batch.length)),
);
