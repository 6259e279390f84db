import type { ApiError, Checkout } from '../api.ts';

interface Props {
  name: keyof Omit<Checkout, 'orderId'>;
  label: string;
  initial: string;
  refusal: ApiError | undefined;
}

const limits = { name: 200, email: 254, address: 500 };

export function Field({ name, label, initial, refusal }: Props) {
  const problem = refusal?.field === name ? refusal.message : undefined;
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
