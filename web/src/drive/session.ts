// One driver of this browser: what the city says about them, and what they say to the city.

import { act, changeShift, driver as fetchDriver, driverEventsPath } from '../api/drivers.ts';
import type { DriverEvents, FareNews } from '../api/events.ts';
import { EventStream } from '../api/event_stream.ts';
import type { StreamState } from '../api/event_stream.ts';
import type { ProblemError } from '../api/problem.ts';
import type { Action, Place, ShiftChange } from '../api/types.ts';
import { UNKNOWN_DUTY, expire, hear } from './duty.ts';
import type { Duty, DutyEvent } from './duty.ts';

export interface SessionTold {
  changed: (duty: Duty) => void;
  earned: (fare: FareNews) => void;
  connection: (state: StreamState, problem: ProblemError | null) => void;
}

export class Session {
  readonly driver: number;
  private readonly told: SessionTold;
  private stream: EventStream<DriverEvents> | null = null;
  private known: Duty = UNKNOWN_DUTY;

  constructor(driver: number, told: SessionTold) {
    this.driver = driver;
    this.told = told;
  }

  get duty(): Duty {
    return this.known;
  }

  /** Begins to listen. */
  open(): void {
    this.stream?.close();
    const hearing = <Name extends keyof DriverEvents>(name: Name) => (data: DriverEvents[Name]): void =>
      this.hear({ name, data } as DutyEvent);
    this.stream = new EventStream<DriverEvents>(driverEventsPath(this.driver), {
      on: {
        driver: hearing('driver'),
        offer: hearing('offer'),
        offer_ended: hearing('offer_ended'),
        trip: hearing('trip'),
        fare: hearing('fare'),
      },
      onState: this.told.connection,
    });
  }

  close(): void {
    this.stream?.close();
    this.stream = null;
  }

  /** Ends an offer whose time is over, should nobody have said so. */
  tick(nowMs: number): void {
    const duty = expire(this.known, nowMs);
    if (duty !== this.known) {
      this.become(duty);
    }
  }

  shift(change: ShiftChange, position: Place, keepalive = false): Promise<void> {
    return changeShift(this.driver, change, position, keepalive);
  }

  act(action: Action): Promise<void> {
    return act(this.driver, action);
  }

  /** Where the city last heard of this driver; null if never. */
  async lastPlace(): Promise<(Place & { heading: number }) | null> {
    const view = await fetchDriver(this.driver).catch(() => null);
    return view?.position ? { ...view.position, heading: view.heading ?? 0 } : null;
  }

  private hear(event: DutyEvent): void {
    if (!this.stream) {
      return;
    }
    if (event.name === 'fare') {
      this.told.earned(event.data);
    }
    this.become(hear(this.known, event, performance.now()));
  }

  private become(duty: Duty): void {
    if (duty !== this.known) {
      this.known = duty;
      this.told.changed(duty);
    }
  }
}
