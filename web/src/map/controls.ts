// The buttons on a map.

import type { Scene } from './scene.ts';

/** Adds buttons to zoom and to see the whole city. */
export function addZoomButtons(container: HTMLElement, scene: Scene): void {
  const box = document.createElement('div');
  box.className = 'map__zoom';
  const add = (sign: string, name: string, press: () => void): void => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--quiet';
    button.textContent = sign;
    button.title = name;
    button.setAttribute('aria-label', name);
    button.addEventListener('click', press);
    box.append(button);
  };
  add('+', 'Zoom in', () => scene.zoomBy(1));
  add('−', 'Zoom out', () => scene.zoomBy(-1));
  add('⤢', 'Show the whole city', () => scene.fit(scene.city.bounds));
  container.append(box);
}
