// How long to wait before trying again.

/** The first pause. */
const FIRST_MS = 500;
/** No pause is longer, so that a gateway that is back is found soon. */
const LONGEST_MS = 8_000;

/**
 * Milliseconds to wait before attempt number `attempt` (1 is the first repetition): doubled each time, up to a limit,
 * then spread over its upper half by `random` (0..1), so that not everybody comes back at once.
 */
export function pauseMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return Math.round(whole * (0.5 + 0.5 * random));
}
