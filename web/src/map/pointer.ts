// Clicks and the hovering pointer over a map, told apart from dragging it.

/** A pointer that moved further between down and up has dragged, in pixels. */
const CLICK_REACH = 6;

export interface PointerCalls {
  click(x: number, y: number, touch: boolean): void;
  hover(pixel: { x: number; y: number } | null): void;
}

/** Watches the canvas of a container; returns how to stop. Controls that lie over the map are none of its business. */
export function watchPointer(container: HTMLElement, calls: PointerCalls): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let down: { x: number; y: number } | null = null;
  let pending: { x: number; y: number } | null = null;
  let frame = 0;
  const isMap = (event: Event): boolean => event.target instanceof HTMLCanvasElement;

  container.addEventListener(
    'pointerdown',
    (event) => {
      down = isMap(event) ? pixel(container, event) : null;
    },
    { signal, capture: true },
  );
  container.addEventListener(
    'click',
    (event) => {
      const up = pixel(container, event);
      if (down === null || !isMap(event) || Math.hypot(up.x - down.x, up.y - down.y) > CLICK_REACH) return;
      calls.click(up.x, up.y, (event as PointerEvent).pointerType === 'touch');
    },
    { signal },
  );
  container.addEventListener(
    'pointermove',
    (event) => {
      if (event.pointerType === 'touch') return;
      pending = isMap(event) && event.buttons === 0 ? pixel(container, event) : null;
      if (frame !== 0) return;
      // Once a frame is often enough.
      frame = requestAnimationFrame(() => {
        frame = 0;
        calls.hover(pending);
      });
    },
    { signal },
  );
  container.addEventListener('pointerleave', () => calls.hover(null), { signal });
  return () => stop.abort();
}

function pixel(container: HTMLElement, event: MouseEvent): { x: number; y: number } {
  const box = container.getBoundingClientRect();
  return { x: event.clientX - box.left - container.clientLeft, y: event.clientY - box.top - container.clientTop };
}
