import { services } from '../../manifest.ts';
import { databasesOf, ONLY, owners } from './service-database.ts';

test('every service of the manifest with a database has its tables, and nobody else', async () => {
  const wanted = services.filter(({ database }) => database).map(({ name }) => name);
  expect([...owners].toSorted()).toEqual(wanted.toSorted());
  for (const name of wanted) expect(Object.keys(await databasesOf(name))).toContain(ONLY);
});
