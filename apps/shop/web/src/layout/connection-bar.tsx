import { useLive } from '../live.tsx';

export function ConnectionBar() {
  const { connection } = useLive();
  return (
    <div role="status">
      {connection === 'lost' && (
        <p className="connection-bar">
          The line to the shop is down. Stock and orders may be out of date; reconnecting…
        </p>
      )}
    </div>
  );
}
