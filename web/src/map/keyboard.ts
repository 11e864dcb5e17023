// A map that can be moved without a mouse: arrows pan, plus and minus zoom, 0 shows the whole city.

import type { Scene } from './scene.ts';

/** One press of an arrow moves the map by this share of its size. */
const STEP = 0.18;

/** Makes the container of a scene focusable and listen to keys. */
export function listenToKeys(container: HTMLElement, scene: Scene, name: string): void {
  container.tabIndex = 0;
  container.setAttribute('role', 'application');
  container.setAttribute('aria-label', `${name}. Arrow keys move, plus and minus zoom, 0 shows everything.`);
  container.addEventListener('keydown', (event) => {
    const isMap = event.target === container || event.target instanceof HTMLCanvasElement;
    if (!isMap || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(scene, event.key)) event.preventDefault();
  });
}

function press(scene: Scene, key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      scene.panBy(-STEP, 0);
      return true;
    case 'ArrowRight':
      scene.panBy(STEP, 0);
      return true;
    case 'ArrowUp':
      scene.panBy(0, STEP);
      return true;
    case 'ArrowDown':
      scene.panBy(0, -STEP);
      return true;
    case '+':
    case '=':
      scene.zoomBy(1);
      return true;
    case '-':
    case '_':
      scene.zoomBy(-1);
      return true;
    case '0':
      scene.fit(scene.city.bounds);
      return true;
    default:
      return false;
  }
}
