import { useState } from 'react';

const themes = { system: 'As the device', light: 'Light', dark: 'Dark' } as const;
type Theme = keyof typeof themes;

/** Whoever wants another theme than the device's. index.html sets it again before anything is painted. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(
    () => (document.documentElement.dataset['theme'] as Theme | undefined) ?? 'system',
  );
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    if (chosen === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = chosen;
    try {
      localStorage.setItem('theme', chosen);
    } catch {
      // A browser that keeps nothing has it for this page.
    }
  };
  return (
    <fieldset className="theme">
      <legend className="visually-hidden">Colours</legend>
      {(Object.keys(themes) as Theme[]).map((name) => (
        <label key={name}>
          <input
            type="radio"
            name="theme"
            className="visually-hidden"
            checked={theme === name}
            onChange={() => choose(name)}
          />
          <span>{themes[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}
