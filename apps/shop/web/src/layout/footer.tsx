import { ThemeSwitch } from '../design/theme.tsx';
import { useLive } from '../live.tsx';

export function Footer() {
  const { me } = useLive();
  return (
    <footer className="footer">
      <p>
        <strong>Streamside</strong> is a make-believe shop on one real log. No money moves and no
        parcel leaves; everything else happens as it says.
      </p>
      {me?.optedOut && (
        <p>Your browser asks not to be tracked. We keep your cart and nothing about your visit.</p>
      )}
      <ThemeSwitch />
    </footer>
  );
}
