import { useEffect, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, ApiError } from '../api.ts';
import type { Cart, Me } from '../api.ts';
import { Totals } from '../cart/totals.tsx';
import { Empty, Loading } from '../layout/states.tsx';
import { useLive } from '../live.tsx';
import { price } from '../money.ts';
import { hit } from '../tag.ts';
import { Field } from './field.tsx';
import { answered, orderIdOfForm } from './order-id.ts';
import './checkout.css';

export function CheckoutScreen() {
  const { me } = useLive();
  return (
    <>
      <title>Checkout · Streamside</title>
      <h1>Checkout</h1>
      {me ? <Content me={me} /> : <Loading className="skeleton skeleton-block" />}
    </>
  );
}

function Content({ me }: { me: Me }) {
  const [orderId] = useState(() => orderIdOfForm(me.orders));
  const navigate = useNavigate();
  // Also when the answer to the form got lost: the order itself is the answer.
  const arrived = me.orders.some((order) => order.orderId === orderId);
  useEffect(() => {
    if (!arrived) return;
    answered(orderId);
    navigate(`/orders/${orderId}`, { replace: true });
  }, [arrived, orderId, navigate]);

  if (arrived) return null;
  if (me.cart.lines.length > 0) return <CheckoutForm me={me} orderId={orderId} />;
  return (
    <Empty title="Nothing to check out">
      <p>Your cart is empty.</p>
      <Link className="button" to={me.orders[0] ? `/orders/${me.orders[0].orderId}` : '/'}>
        {me.orders[0] ? 'See your last order' : 'Look around'}
      </Link>
    </Empty>
  );
}

function CheckoutForm({ me, orderId }: { me: Me; orderId: string }) {
  const navigate = useNavigate();
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<ApiError>();
  const [wrong, setWrong] = useState<readonly string[]>([]);
  useEffect(() => hit('checkout'), []);

  const place = async (form: FormData) => {
    setPending(true);
    setRefusal(undefined);
    const typed = (name: string) => String(form.get(name)).trim();
    const [name, email, address] = [typed('name'), typed('email'), typed('address')];
    try {
      await api.checkout({ orderId, name, email, address });
      answered(orderId);
      navigate(`/orders/${orderId}`, { replace: true, state: { placed: true } });
    } catch (error) {
      setRefusal(error as ApiError);
      setPending(false);
    }
  };
  return (
    <form
      className="with-aside"
      noValidate // It says it in words of its own, which stay.
      onInput={(event) => {
        if (wrong.length > 0) setWrong(wrongIn(event.currentTarget).map(({ name }) => name));
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const fields = wrongIn(event.currentTarget);
        setWrong(fields.map(({ name }) => name));
        if (fields[0]) fields[0].focus();
        else if (!pending) void place(new FormData(event.currentTarget));
      }}
    >
      <fieldset className="checkout-fields">
        <legend>Where it goes</legend>
        {fields.map((field) => (
          <Field key={field.name} {...field} wrong={wrong.includes(field.name)} refusal={refusal} />
        ))}
        <p className="quiet">Filled in for you, as nothing is really sent. Change what you like.</p>
      </fieldset>
      <aside className="slip" aria-label="What you order">
        <Lines cart={me.cart} />
        <Totals cart={me.cart} />
        {refusal && !refusal.field && (
          <p className="problem" role="alert">
            {refusal.message}
          </p>
        )}
        <button
          type="submit"
          className="button button-large"
          data-testid="place-order"
          aria-disabled={pending}
        >
          {pending ? 'Placing…' : 'Place the order'}
        </button>
      </aside>
    </form>
  );
}

function Lines({ cart }: { cart: Cart }) {
  return (
    <ul className="slip-lines">
      {cart.lines.map(({ sku, name, quantity, unitPrice }) => (
        <li key={sku}>
          <span>
            {quantity} × {name}
          </span>
          <span>{price({ ...unitPrice, cents: unitPrice.cents * quantity })}</span>
        </li>
      ))}
    </ul>
  );
}

const fields = [
  { name: 'name', label: 'Name', initial: 'Robin Brook', hint: 'Write who it is for.' },
  {
    name: 'email',
    label: 'E-mail',
    initial: 'robin@example.com',
    hint: 'Write an e-mail address, such as robin@example.com.',
  },
  {
    name: 'address',
    label: 'Address',
    initial: '1 Mill Lane\n12345 Streamside',
    hint: 'Write where it goes.',
  },
] as const;

type FormField = HTMLInputElement | HTMLTextAreaElement;

/** The fields that are not filled in well, as far as the browser can say. */
function wrongIn(form: HTMLFormElement): FormField[] {
  const all = [...form.elements] as FormField[];
  return all.filter(({ name, validity }) => name !== '' && !validity.valid);
}
