import type { Row, View } from './store.ts';

type Statement = (view: View, parameters: any[]) => Row[];
const id = (...parts: unknown[]) => parts.join('|');
const beyond = (a: Row, b: Row) => a.major > b.major || (a.major === b.major && a.minor > b.minor);
const inLaneOrder = (a: Row, b: Row) =>
  a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : a.major - b.major || a.minor - b.minor;

/** The statements of libs/log, by how they begin. What is not known is refused, so that it cannot fall behind. */
const statements: [RegExp, (match: RegExpExecArray) => Statement][] = [
  [/^\s*insert into log_positions/, () => claim],
  [/^\s*select lane, major, minor from log_seen/, () => (view, at) => of(view, 'log_seen', at)],
  [/^\s*select record_offset, reason/, () => (view, at) => of(view, 'log_skips', at)],
  [/^\s*insert into log_skips/, () => skip],
  [/^\s*select p.topic, p.partition, p.epoch/, () => lockPositions],
  [/^\s*with locked as/, () => moveOn],
  [/^\s*with seen as/, () => save],
  [/^select key, .* from (\w+) where key = any/, ([, table]) => byKey(table!)],
  [/^select due.*? from (test\w+)/s, ([, table]) => due(table!)],
  [/^select partition, \(select look_at from (\w+)/, ([, table]) => nextTimers(table!)],
  [/^select least\(.* from (\w+) where partition/s, ([, table]) => nextDue(table!)],
  [/^insert into (test\w+) /, ([, table]) => upsert(table!)],
  [/^delete from (\w+) where key/, ([, table]) => forget(table!)],
  [/^set local synchronous_commit/, () => () => []],
  [/^\s*select lane, pg_try_advisory/, () => lease],
  [/^\s*select lane, major, minor, topic/, () => outbox],
  [/^\s*with done as/, () => clear],
  [/^\s*insert into log_lanes/, () => takeSequences],
  [/^\s*insert into log_outbox/, () => (view, p) => (fillOutbox(view, p, () => true), [])],
  [/^\s*select i\.id/, () => () => [{ text: 'incarnation' }]],
];

const known = new Map<string, Statement>();

/** What a statement does. Throws when it is none of ours. */
export function statement(sql: string): Statement {
  const found = known.get(sql);
  if (found) return found;
  for (const [beginning, make] of statements) {
    const match = beginning.exec(sql);
    if (!match) continue;
    known.set(sql, make(match));
    return known.get(sql)!;
  }
  throw new Error(`The simulated store does not know this statement: ${sql}`);
}

function of(view: View, table: string, [group, topic, partition]: any[]): Row[] {
  return view
    .all(table)
    .filter((row) => row.group === group && row.topic === topic && row.partition === partition);
}

const claim: Statement = (view, [group, topic, partition, cluster]) => {
  const key = id(group, topic, partition);
  view.lock(key);
  const fresh = { next_offset: 0, next_index: 0, log_time: 0, shared: null, epoch: 0 };
  const row = view.get('log_positions', key) ?? { ...fresh, group, topic, partition, cluster };
  const claimed = { ...row, epoch: row.epoch + 1 };
  view.set('log_positions', key, claimed);
  return [claimed];
};

const lockPositions: Statement = (view, [group, topics, partitions]) => {
  const places = (topics as string[]).map((topic, i) => id(group, topic, partitions[i]));
  return places.toSorted().flatMap((place) => {
    view.lock(place);
    return view.get('log_positions', place) ?? [];
  });
};

const moveOn: Statement = (view, [group, ...columns]) => {
  const [topics, partitions, epochs, offsets, times] = columns as any[][];
  return topics!.flatMap((topic, i) => {
    const key = id(group, topic, partitions![i]);
    view.lock(key);
    const row = view.get('log_positions', key)!;
    if (row.epoch !== epochs![i]) return [];
    const next_offset = Math.max(row.next_offset, offsets![i]);
    const moved = { ...row, next_offset, log_time: Math.max(row.log_time, times![i]) };
    view.set('log_positions', key, moved);
    return [moved];
  });
};

const skip: Statement = (view, [group, topic, partition, record_offset, reason]) => {
  const key = id(group, topic, partition, record_offset);
  view.set('log_skips', key, { group, topic, partition, record_offset, reason });
  return [];
};

const save: Statement = (view, p) => {
  const group = p[0];
  (p[7] as string[]).forEach((topic, i) => {
    const at = { group, topic, partition: p[8][i], lane: p[9][i] };
    const row = { ...at, major: p[10][i], minor: p[11][i] };
    view.set('log_seen', id(group, topic, at.partition, at.lane), row);
  });
  (p[12] as string[]).forEach((topic, i) => {
    skip(view, [group, topic, p[13][i], p[14][i], p[15][i]]);
  });
  fillOutbox(view, p.slice(16), (row) => {
    const lane = view.get('log_lanes', row.lane);
    return !lane || beyond(row, { major: lane.published_major, minor: lane.published_minor });
  });
  (p[1] as string[]).forEach((topic, i) => {
    const key = id(group, topic, p[2][i]);
    const moved = { next_offset: p[3][i], next_index: p[4][i], log_time: p[5][i], shared: p[6][i] };
    view.set('log_positions', key, { ...view.get('log_positions', key), ...moved });
  });
  return [];
};

function fillOutbox(view: View, p: any[][], wanted: (row: Row) => boolean): void {
  const [lanes = [], major, minor, topics, partitions, keys, types, values] = p;
  lanes.forEach((lane, i) => {
    const row = {
      ...{ lane, major: major![i], minor: minor![i], topic: topics![i] },
      ...{ partition: partitions![i], key: keys![i], type: types![i], value: values![i] },
    };
    if (wanted(row)) view.set('log_outbox', id(lane, row.major, row.minor), row);
  });
}

const byKey = (table: string): Statement => {
  return (view, [keys]) => view.all(table).filter(({ key }) => keys.includes(key));
};

const inTimerOrder = (a: Row, b: Row) => a.look_at - b.look_at || (a.key < b.key ? -1 : 1);
const due = (table: string): Statement => {
  return (view, [partitions, times]) => {
    const isDue = (row: Row) =>
      row.look_at !== null && row.look_at <= (times[partitions.indexOf(row.partition)] ?? 0);
    return view.all(table).filter(isDue).sort(inTimerOrder);
  };
};

const nextTimers = (table: string): Statement => {
  return (view, [partitions]) => {
    const rows = view.all(table).filter(({ look_at }) => look_at !== null);
    return (partitions as number[]).map((partition) => {
      const first = rows.filter((row) => row.partition === partition).sort(inTimerOrder)[0];
      return { partition, look_at: first?.look_at ?? null };
    });
  };
};

const nextDue = (table: string): Statement => {
  return (view, [partition, now]) => {
    const rows = view
      .all(table)
      .filter((row) => row.partition === partition && row.look_at !== null);
    const times = rows.map(({ look_at, due_at }) => (look_at <= now ? due_at : look_at));
    const known = times.filter((time) => time !== null);
    return [{ at: known.length > 0 ? Math.min(...known) : null }];
  };
};

const upsert = (table: string): Statement => {
  return (view, [keys, partitions, states, dues, looks, hits, causes]) => {
    (keys as string[]).forEach((key, i) => {
      const row = { key, partition: partitions[i], state: states[i], due_at: dues[i] };
      view.set(table, key, { ...row, look_at: looks[i], hits: hits[i], cause: causes[i] });
    });
    return [];
  };
};

const forget = (table: string): Statement => {
  return (view, [keys]) => {
    for (const key of keys) view.set(table, key, null);
    return [];
  };
};

const lease: Statement = (view) => {
  const lanes = [...new Set(view.all('log_outbox').map(({ lane }) => lane as string))].sort();
  return lanes.map((lane) => ({ lane, leased: view.tryLock(`lease ${lane}`) }));
};

const outbox: Statement = (view) => {
  const rows = view.all('log_outbox');
  return rows.sort(inLaneOrder).map((row) => ({ ...row }));
};

const clear: Statement = (view, [lanes, majors, minors]) => {
  for (const lane of lanes) view.lock(`lane ${lane}`);
  (lanes as string[]).forEach((lane, i) => {
    const last = { major: Number(majors[i]), minor: minors[i] };
    for (const row of view.all('log_outbox')) {
      if (row.lane === lane && !beyond(row, last)) {
        view.set('log_outbox', id(lane, row.major, row.minor), null);
      }
    }
    const row = view.get('log_lanes', lane) ?? { lane, last_major: 0 };
    const published = { published_major: last.major, published_minor: last.minor };
    view.set('log_lanes', lane, { ...row, ...published });
  });
  return [];
};

const takeSequences: Statement = (view, [lanes, counts]) => {
  for (const lane of lanes.toSorted()) view.lock(`lane ${lane}`);
  return (lanes as string[]).map((lane, i) => {
    const fresh = { lane, last_major: 0, published_major: -1, published_minor: -1 };
    const row = view.get('log_lanes', lane) ?? fresh;
    view.set('log_lanes', lane, { ...row, last_major: row.last_major + counts[i] });
    return { lane, before: row.last_major };
  });
};
