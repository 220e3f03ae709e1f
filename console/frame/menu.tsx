import { useState } from 'preact/hooks';
import { forgetSession, keepSession, readSession } from '../relay/session.ts';
import { places } from '../view/places.ts';
import { Logo } from './logo.tsx';
import { nextTheme, readTheme, useTheme } from './theme.ts';

interface MenuProps {
  /** The page that is shown. */
  readonly at: string;
  readonly help: () => void;
  readonly leave: () => void;
}

/** All pages; below them who is here, light or dark, and the help. */
export function Menu({ at, help, leave }: MenuProps) {
  const [theme, setTheme] = useState(readTheme);
  useTheme(theme);
  const session = readSession();
  const forget = () => {
    forgetSession();
    keepSession({ key: '', operator: session.operator });
    leave();
  };
  return (
    <nav class="menu" aria-label="Pages">
      <div class="stays">
        <a class="name" href="#/now">
          <Logo />
          <span>Customer Relay</span>
        </a>
        <ul>
          {places.map(({ name, path, hash }) => (
            <li key={path}>
              <a href={hash} aria-current={path === at ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
        <div class="below">
          <p class="who" title={location.host}>
            {session.operator || 'No name given'}
            <small>{location.host}</small>
          </p>
          <button type="button" class="quiet" onClick={() => setTheme(nextTheme(theme))}>
            Colours <span>{theme === 'auto' ? 'as system' : theme}</span>
          </button>
          <button type="button" class="quiet" data-key="?" onClick={help}>
            Keyboard <kbd>?</kbd>
          </button>
          <button type="button" class="quiet" onClick={forget}>
            {session.key ? 'Forget the key' : 'Enter a key'}
          </button>
        </div>
      </div>
    </nav>
  );
}
