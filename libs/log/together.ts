/**
 * As Promise.all, but a failure is thrown only when all are done, and of several the first in their order:
 * nothing that is still starting is left behind by whoever then stops what has started, and of statements
 * asked one behind the other it is the one because of which the others were refused as well.
 */
export async function together<T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(promises) as Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }>;
}
