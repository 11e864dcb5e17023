// The car of the driver, and who drives it; it stands where it stood when the page was left.

import type { Action, Place } from '../api/types.ts';
import { rounded } from '../journey/geo.ts';
import { keep, readKept } from '../journey/kept.ts';
import { Car } from './car.ts';
import type { ParkedCar } from './car.ts';
import { Pilot } from './pilot.ts';
import type { PilotTold } from './pilot.ts';

export interface GarageTold extends PilotTold {
  /** There is another car, or none. */
  changed: () => void;
  send: (action: Action) => Promise<void>;
}

export class Garage {
  private readonly told: GarageTold;
  private driver = 0;
  private multiple = 1;
  isAuto = true;
  pilot: Pilot | null = null;

  constructor(told: GarageTold) {
    this.told = told;
  }

  get car(): Car | null {
    return this.pilot?.car ?? null;
  }

  /** Brings out the car of a driver, if this browser has one. */
  open(driver: number): void {
    this.driver = driver;
    this.pilot = null;
    const parked = readKept<ParkedCar>(localStorage, this.name);
    if (parked) {
      this.bringOut(parked);
    } else {
      this.told.changed();
    }
  }

  /** Puts the car somewhere. */
  put(place: Place & { heading?: number }): void {
    this.bringOut({ ...rounded(place), heading: place.heading ?? 0, trip: null, odometerM: 0 });
  }

  setAuto(isAuto: boolean): void {
    this.isAuto = isAuto;
    if (this.pilot) {
      this.pilot.isAuto = isAuto;
    }
  }

  /** Of the normal speed. */
  setMultiple(multiple: number): void {
    this.multiple = multiple;
    if (this.car) {
      this.car.multiple = multiple;
    }
  }

  /** Keeps where the car is for the next visit. */
  remember(): void {
    keep(localStorage, this.name, this.car?.parked ?? null);
  }

  private bringOut(parked: ParkedCar): void {
    const car = new Car(parked, performance.now());
    car.multiple = this.multiple;
    this.pilot = new Pilot(car, this.told.send, this.told);
    this.pilot.isAuto = this.isAuto;
    this.remember();
    this.told.changed();
  }

  private get name(): string {
    return `hailstorm.car.${this.driver}`;
  }
}
