import { useState } from 'react';
import { api } from '../api.ts';
import type { Cart } from '../api.ts';
import { useLive } from '../live.tsx';
import { useNotify } from '../notice.tsx';

/** A coupon by hand, for who closed the popup and thought better of it. */
export function CouponForm({ coupon }: { coupon: Cart['coupon'] }) {
  const { changeCart } = useLive();
  const notify = useNotify();
  const [problem, setProblem] = useState<string>();
  if (coupon) return null;

  const apply = async (form: FormData) => {
    const code = String(form.get('code')).trim().toUpperCase();
    if (!code) return;
    setProblem(undefined);
    try {
      await changeCart(() => api.applyCoupon(code));
      notify(`Coupon ${code} counts now.`);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <form
      className="coupon-form"
      onSubmit={(event) => {
        event.preventDefault();
        void apply(new FormData(event.currentTarget));
      }}
    >
      <label htmlFor="coupon">Coupon code</label>
      <div className="coupon-form-row">
        <input
          id="coupon"
          name="code"
          maxLength={32}
          autoComplete="off"
          autoCapitalize="characters"
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? 'coupon-problem' : undefined}
        />
        <button type="submit" className="button button-quiet">
          Apply
        </button>
      </div>
      {problem && (
        <p id="coupon-problem" className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
