// The city's clock, and the server's, as the greeting of the live socket tells them.

/** A straight line between real and city time. */
export interface CityClock {
  real_ms: number;
  city_ms: number;
  /** City milliseconds per real millisecond. */
  speed: number;
}

/** Both clocks as one visitor sees them. */
export interface Clocks {
  city: CityClock;
  /** The server's real time minus this machine's. */
  aheadMs: number;
}

/** Before the greeting: this machine's own time, as if nothing was simulated. */
export const OWN_TIME: Clocks = { city: { real_ms: 0, city_ms: 0, speed: 1 }, aheadMs: 0 };

/** The server's real time at a moment of this machine. */
export function serverMs(clocks: Clocks, nowMs: number): number {
  return nowMs + clocks.aheadMs;
}

/** City time at a moment of this machine. */
export function cityMs(clocks: Clocks, nowMs: number): number {
  const { real_ms, city_ms, speed } = clocks.city;
  return Math.round(city_ms + (serverMs(clocks, nowMs) - real_ms) * speed);
}

/** The clocks in a greeting that came at `nowMs`; null if it is none. */
export function clocksOf(message: unknown, nowMs: number): Clocks | null {
  const hello = message as { type?: string; clock?: CityClock; now_ms?: number } | null;
  if (hello?.type !== 'hello' || !hello.clock || !(hello.clock.speed > 0)) {
    return null;
  }
  return { city: hello.clock, aheadMs: typeof hello.now_ms === 'number' ? hello.now_ms - nowMs : 0 };
}

/** Asks the gateway for its clocks: one short visit to the live socket. */
export function askClocks(timeoutMs = 5_000): Promise<Clocks> {
  return new Promise((resolve, reject) => {
    const address = new URL('/v1/live', window.location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    const timer = setTimeout(() => socket.close(), timeoutMs);
    socket.onmessage = (message) => {
      const clocks = typeof message.data === 'string' ? clocksOf(JSON.parse(message.data), Date.now()) : null;
      if (clocks) {
        resolve(clocks);
        socket.close();
      }
    };
    // A viewport of no size without layers: the greeting is all that is wanted.
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'view', west: 0, south: 0, east: 0, north: 0, zoom: 14, layers: [] }));
    socket.onclose = () => {
      clearTimeout(timer);
      reject(new Error('the live socket closed before its greeting'));
    };
  });
}
