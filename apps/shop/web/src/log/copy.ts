import { writerOf } from './story.ts';
import type { Landed } from './story.ts';

/** The CloudEvent as it is on the log, for people. */
export const jsonOf = ({ event }: Landed) => JSON.stringify(event, null, 2);

interface Doors {
  shopUrl: string;
  collectorUrl: string;
  visitorId: string;
}

/**
 * What a terminal can do with an event. A click can be told to the collector again: as another tab's,
 * or readers would know it and pass it over. All else can be read back, by whoever it is about.
 */
export function curlOf(landed: Landed, doors: Doors, tab: string): { does: string; curl: string } {
  const { topic, partition, offset, event } = landed;
  if (writerOf(landed) === 'collector' && event.data['hit'] !== undefined) {
    const hit = JSON.stringify({ type: event.type, ...event.data, tab, hit: 1 });
    const type = quoted('content-type: application/json');
    const curl = `curl -H ${type} -d ${quoted(hit)} ${quoted(`${doors.collectorUrl}/collect`)}`;
    return { does: 'sends it once more', curl };
  }
  const url = `${doors.shopUrl}/api/story/${topic}/${partition}/${offset}`;
  const curl = `curl -b ${quoted(`visitor=${doors.visitorId}`)} ${quoted(url)}`;
  return { does: 'reads it', curl };
}

/** For a shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Puts text on the clipboard. Over plain http browsers only know the old way. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error('The browser does not let this page copy.');
}
