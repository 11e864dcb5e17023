// What a fare is made of, line by line.

import type { Fare } from '../api/types.ts';
import { distanceText, durationText, moneyText, surgeText } from '../journey/words.ts';

export interface BillLine {
  label: string;
  amount: string;
  kind: 'base' | 'distance' | 'time' | 'minimum' | 'surge' | 'total';
}

/** The parts of a fare and what makes the total of them. */
export function billOf(fare: Fare, surge: number): BillLine[] {
  const { currency } = fare.total;
  const money = (minor: number): string => moneyText({ minor, currency });
  const sum = fare.base_minor + fare.distance_minor + fare.time_minor;
  // The total is the larger of sum and minimum, times surge: a total above that shows that the minimum was taken.
  const hasMinimum = fare.total.minor > Math.round((sum * surge) / 100) + 1;
  const beforeSurge = hasMinimum ? Math.round((fare.total.minor * 100) / surge) : sum;
  const lines: BillLine[] = [
    { label: 'Base', amount: money(fare.base_minor), kind: 'base' },
    { label: distanceText(fare.distance_m), amount: money(fare.distance_minor), kind: 'distance' },
    { label: durationText(fare.duration_s), amount: money(fare.time_minor), kind: 'time' },
  ];
  if (hasMinimum) {
    lines.push({ label: 'Up to the least fare', amount: money(beforeSurge - sum), kind: 'minimum' });
  }
  if (surge > 100) {
    lines.push({ label: `Surge ${surgeText(surge)}`, amount: money(fare.total.minor - beforeSurge), kind: 'surge' });
  }
  return [...lines, { label: 'Total', amount: money(fare.total.minor), kind: 'total' }];
}
