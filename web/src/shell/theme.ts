// Light and dark: the system's wish, or the visitor's own, which is remembered.

export type Theme = 'light' | 'dark';

const listeners = new Set<(theme: Theme) => void>();
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** The theme that is shown. */
export function theme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return systemIsDark.matches ? 'dark' : 'light';
}

/** Calls back whenever the shown theme changes; returns how to stop it. */
export function onTheme(callback: (theme: Theme) => void): () => void {
  listeners.add(callback);
  return () => listeners.delete(callback);
}

/** Makes a button switch the theme. */
export function bindThemeToggle(button: HTMLElement): void {
  button.addEventListener('click', () => {
    const next: Theme = theme() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    tell();
  });
}

systemIsDark.addEventListener('change', tell);

function tell(): void {
  const shown = theme();
  listeners.forEach((callback) => callback(shown));
}

const probe = document.createElement('span');

/**
 * The colour behind a token such as `--accent`, as red, green, blue (0 to 255) and alpha (0 to 255): what WebGL and
 * canvas need, which know no custom properties.
 */
export function colour(token: string, alpha = 1): [number, number, number, number] {
  probe.style.cssText = `display:none;color:var(${token})`;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number) ?? [];
  probe.remove();
  const [red = 0, green = 0, blue = 0, own = 1] = parts;
  return [red, green, blue, Math.round(own * alpha * 255)];
}

/** The same as text for a canvas. */
export function cssColour(token: string, alpha = 1): string {
  const [red, green, blue, own] = colour(token, alpha);
  return `rgb(${red} ${green} ${blue} / ${own / 255})`;
}
