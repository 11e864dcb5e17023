// What a car that drives by itself does next.

import type { DriverStep, Place } from '../api/types.ts';
import type { Duty } from './duty.ts';

export type Leg = 'pickup' | 'dropoff';

/** Where the car is heading, and for what. */
export interface Course {
  trip: string;
  leg: Leg;
  isThere: boolean;
}

export type Errand =
  | { do: 'nothing' }
  | { do: 'drive'; to: Place; trip: string; leg: Leg }
  | { do: 'act'; step: DriverStep };

/** How long a rider takes to get in, in real time: long enough to be seen. */
export const BOARDING_MS = 1_500;

/** A step that changed nothing is said again after this time: the record may have been lost with its gateway. */
const REPEAT_MS = 5_000;

/** The step that was said last, for which trip. */
export interface Said {
  trip: string;
  step: DriverStep;
  atMs: number;
}

/** What is next, from what the city says, where the car is heading, and since when it has been in this state. */
export function errand(duty: Duty, course: Course | null, sinceMs: number, said: Said | null, nowMs: number): Errand {
  const { job, status } = duty;
  if (!job) {
    return { do: 'nothing' };
  }
  const say = (step: DriverStep): Errand => {
    const isSaid = said?.trip === job.trip && said.step === step && nowMs - said.atMs < REPEAT_MS;
    return isSaid ? { do: 'nothing' } : { do: 'act', step };
  };
  const drive = (leg: Leg, step: DriverStep): Errand => {
    if (course?.trip !== job.trip || course.leg !== leg) {
      return { do: 'drive', to: leg === 'pickup' ? job.pickup : job.dropoff, trip: job.trip, leg };
    }
    return course.isThere ? say(step) : { do: 'nothing' };
  };
  switch (status) {
    case 'to_pickup':
      return drive('pickup', 'arrive');
    case 'waiting':
      return nowMs - sinceMs < BOARDING_MS ? { do: 'nothing' } : say('pick_up');
    case 'on_trip':
      return drive('dropoff', 'drop_off');
    default:
      return { do: 'nothing' };
  }
}

/** The steps that a driver can say by hand now. */
export function stepsByHand(duty: Duty): DriverStep[] {
  switch (duty.job ? duty.status : null) {
    case 'to_pickup':
      return ['arrive', 'cancel'];
    case 'waiting':
      return ['pick_up', 'cancel'];
    case 'on_trip':
      return ['drop_off'];
    default:
      return [];
  }
}

const STEP_TEXTS: Record<DriverStep, string> = {
  accept: 'Accept',
  decline: 'Decline',
  arrive: 'I have arrived',
  pick_up: 'Rider is in',
  drop_off: 'Rider is out',
  cancel: 'Give it up',
};

export function stepText(step: DriverStep): string {
  return STEP_TEXTS[step];
}
