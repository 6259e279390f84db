import type { Placement } from '#contracts/releases';
import { FollowReleases } from '#log/follow';
import { silent } from '#log/log-sink';
import { ownDatabase, until } from '../log-harness.ts';

const release = { application: 'feedback', release: 'v2' } as const;

it('reads a release while it runs, or only while somebody is on it', async () => {
  const dataSource = await ownDatabase([]);
  const open = new Set<string>();
  const follower = (name: string, whileInForce: boolean) => ({
    release,
    whileInForce,
    async open() {
      open.add(name);
      return { close: async () => void open.delete(name), forget: async () => undefined };
    },
  });
  const followers = [follower('its view', false), follower('its story', true)];
  const followed = new FollowReleases(dataSource, followers, silent);
  const place = async (shares: Record<string, number>, pins: Placement['pins'] = []) => {
    const all = Object.entries(shares).map(([name, percent]) => ({ release: name, percent }));
    const placement = { application: 'feedback', shares: all, pins, by: 'test' };
    await dataSource.query(
      `insert into log_positions values ('group', 'visitors', 0, 'cluster', 0, 0, 0, $1, 1)
       on conflict (group_name, topic, partition) do update set shared = excluded.shared`,
      [JSON.stringify({ placements: { feedback: placement }, own: null })],
    );
  };
  const untilOpen = (...names: string[]) =>
    until(`open are: ${names}`, async () => [...open].toSorted().join() === names.join());
  try {
    await followed.start();
    expect([...open]).toEqual([]);
    await place({ v1: 100, v2: 0 });
    await untilOpen('its view');
    await place({ v1: 100, v2: 0 }, [{ visitorId: 'visitor-ada', release: 'v2' }]);
    await untilOpen('its story', 'its view');
    await place({ v1: 100, v2: 0 });
    await untilOpen('its view');
    await place({ v1: 90, v2: 10 });
    await untilOpen('its story', 'its view');
    await place({ v1: 100 });
    await untilOpen();
  } finally {
    await followed.stop();
    await dataSource.destroy();
  }
});
