// An event of a story as words.

import { distanceText, durationText, moneyText, placeText, surgeText } from '../journey/words.ts';
import type { StoryEvent } from './story_api.ts';

export interface StoryLine {
  what: string;
  /** Real time of this machine's zone, to the millisecond. */
  when: string;
  /** Where the record lies in Kafka. */
  where: string;
  fields: string;
  /** The class that carries the colour of the state it leads to. */
  stateClass: string;
}

/** Fields that say what happened, in the order in which they are looked for. */
const KINDS = ['event', 'wish', 'step', 'command', 'reply', 'change', 'leg'] as const;

/** Fields that the line shows already, or that everything in the story has in common. */
const LEFT_OUT: ReadonlySet<string> = new Set([...KINDS, 'trip', 'at', '_id', 'id']);

const TOPIC_WORDS: Record<string, string> = {
  'ride-requests': 'Rider:',
  'driver-actions': 'Driver:',
  'driver-shifts': 'Shift:',
  'driver-commands': 'Command:',
  'reservation-replies': 'Reservation:',
  'eta-updates': 'ETA to',
};

const STATE_CLASSES: Record<string, string> = {
  trip_requested: 'state-offline',
  offer_made: 'state-reserved',
  trip_matched: 'state-to-pickup',
  driver_arrived: 'state-waiting',
  trip_started: 'state-on-trip',
  trip_completed: 'state-idle',
  fare_calculated: 'state-idle',
};

/** An event as a line of the story; `subject` is the field that all of them have in common. */
export function storyLine({ topic, partition, offset, time_ms, fields }: StoryEvent, subject: 'rider' | 'driver'): StoryLine {
  const kind = KINDS.map((name) => fields[name]).find((value) => typeof value === 'string') as string | undefined;
  const words = (kind ?? topic).replaceAll('_', ' ');
  const before = TOPIC_WORDS[topic];
  return {
    what: before === undefined ? capitalised(words) : `${before} ${words}`,
    when: timeText(time_ms),
    where: `${topic}, partition ${partition}, offset ${offset}`,
    fields: Object.entries(fields)
      .filter(([name, value]) => !LEFT_OUT.has(name) && name !== subject && value !== null)
      .map(([name, value]) => `${name.replace(/_(minor|m|s|at)$/, '').replaceAll('_', ' ')} ${valueText(name, value, fields)}`)
      .join(', '),
    stateClass: STATE_CLASSES[kind ?? ''] ?? '',
  };
}

function valueText(name: string, value: unknown, fields: Record<string, unknown>): string {
  if (isObject(value)) {
    if (typeof value.lat === 'number' && typeof value.lon === 'number') return placeText({ lat: value.lat, lon: value.lon });
    if (typeof value.minor === 'number' && typeof value.currency === 'string') {
      return moneyText({ minor: value.minor, currency: value.currency });
    }
    return JSON.stringify(value);
  }
  if (name.endsWith('_minor') && typeof value === 'number') {
    const { total } = fields;
    const currency = isObject(total) && typeof total.currency === 'string' ? total.currency : null;
    return currency === null ? String(value) : moneyText({ minor: value, currency });
  }
  if (name.endsWith('_m') && typeof value === 'number') return distanceText(value);
  if (name.endsWith('_s') && typeof value === 'number') return durationText(value);
  if (name === 'surge' && typeof value === 'number') return surgeText(value);
  if (name === 'expires_at' && typeof value === 'number') return timeText(value);
  return String(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Hours to milliseconds, in the zone of this machine. */
export function timeText(ms: number): string {
  const time = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
