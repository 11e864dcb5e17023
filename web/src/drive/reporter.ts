// Says where the car is, once a second while on shift.

import { report } from '../api/drivers.ts';
import { asProblem } from '../api/problem.ts';
import type { ProblemError } from '../api/problem.ts';
import type { Report } from '../api/types.ts';

const EVERY_MS = 1_000;
/** One lost report is nothing to speak of. */
const FAILURES_TOLD = 3;

export interface Reporting {
  /** What to say now, for which driver; null to say nothing. */
  next: () => { driver: number; report: Report } | null;
  /** Reports do not get through; null when they do again. */
  trouble: (problem: ProblemError | null) => void;
}

/** Begins to report. A report that takes long lets the next ones fall out: only the newest position is worth sending. */
export function startReporting({ next, trouble }: Reporting): void {
  let isUnderWay = false;
  let failures = 0;
  let pauseUntil = 0;
  const say = async (): Promise<void> => {
    const words = isUnderWay || performance.now() < pauseUntil ? null : next();
    if (!words) {
      return;
    }
    isUnderWay = true;
    try {
      await report(words.driver, words.report);
      if (failures >= FAILURES_TOLD) {
        trouble(null);
      }
      failures = 0;
    } catch (error) {
      const problem = asProblem(error);
      failures += 1;
      pauseUntil = performance.now() + (problem.retryAfterS ?? 0) * 1000;
      if (failures >= FAILURES_TOLD || !problem.isPassing) {
        failures = Math.max(failures, FAILURES_TOLD);
        trouble(problem);
      }
    } finally {
      isUnderWay = false;
    }
  };
  setInterval(() => void say(), EVERY_MS);
}
