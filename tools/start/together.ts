/**
 * As Promise.all, but a failure is thrown only when all are done: nothing that is still starting
 * is left behind by whoever then stops what has started.
 */
export async function together<T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(promises) as Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }>;
}
