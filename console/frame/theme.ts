import { useEffect } from 'preact/hooks';

const themes = ['auto', 'light', 'dark'] as const;
/** Light or dark; `auto`: as the system has it. */
export type Theme = (typeof themes)[number];

const place = 'customer-relay-theme';

/** What was chosen in this browser before. */
export function readTheme(): Theme {
  const kept = localStorage.getItem(place);
  return themes.find((theme) => theme === kept) ?? 'auto';
}

export const nextTheme = (theme: Theme): Theme =>
  themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';

/** Shows the page in it and keeps it. */
export function useTheme(theme: Theme): void {
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(place, theme);
  }, [theme]);
}
