import type { ApiError, Checkout } from '../api.ts';

interface Props {
  name: keyof Omit<Checkout, 'orderId'>;
  label: string;
  initial: string;
  /** What to do when it is not filled in well. */
  hint: string;
  /** It is not, as far as can be said here. */
  wrong: boolean;
  /** What the shop said of it. */
  refusal: ApiError | undefined;
}

const limits = { name: 200, email: 254, address: 500 };

export function Field({ name, label, initial, hint, wrong, refusal }: Props) {
  const refused = refusal?.field === name ? refusal.message : undefined;
  const problem = wrong ? hint : refused;
  const shared = {
    id: name,
    name,
    defaultValue: initial,
    required: true,
    maxLength: limits[name],
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': problem ? `${name}-problem` : undefined,
  };
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      {name === 'address' ? (
        <textarea {...shared} rows={3} autoComplete="street-address" />
      ) : (
        <input {...shared} type={name === 'email' ? 'email' : 'text'} autoComplete={name} />
      )}
      {problem && (
        <p id={`${name}-problem`} className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
