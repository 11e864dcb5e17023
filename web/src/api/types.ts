// What goes over the wire: times end in `_ms` and are city time unless they say real, money is in minor units.

/** A position in degrees (WGS 84). */
export interface Place {
  lat: number;
  lon: number;
}

/** A point of a route: east, north. */
export type LonLat = [number, number];

/** An amount in minor units of a currency (ISO 4217). */
export interface Money {
  minor: number;
  currency: string;
}

/** What a price is made of, before surge. */
export interface PriceParts {
  base_minor: number;
  distance_minor: number;
  time_minor: number;
}

/** What a ride would cost now. */
export interface Quote {
  pickup: Place;
  dropoff: Place;
  distance_m: number;
  duration_s: number;
  /** Seconds of city time until the nearest driver could be here; null if none is free. */
  pickup_eta_s: number | null;
  price: Money;
  /** Hundredths: 120 is 1.2 times. */
  surge: number;
  breakdown: PriceParts;
  route: LonLat[];
  /** Real time of the server. */
  valid_until_ms: number;
}

/** The way between two places. */
export interface Route {
  distance_m: number;
  duration_s: number;
  points: LonLat[];
}

export type TripState =
  | 'requested'
  | 'offered'
  | 'matched'
  | 'arrived'
  | 'started'
  | 'completed'
  | 'cancelled'
  | 'unfulfilled';

/** Where a driver was last heard of. */
export interface DriverFix extends Place {
  id: number;
  heading: number;
  /** Metres per second of city time. */
  speed: number;
  at_ms: number;
}

export interface Eta {
  leg: 'pickup' | 'dropoff';
  /** Seconds of city time. */
  eta_s: number;
  remaining_m: number;
  at_ms: number;
}

/** What the running meter shows. */
export interface Meter {
  total: Money;
  distance_m: number;
  duration_s: number;
}

/** What the rider pays. */
export interface Fare extends Meter, PriceParts {}

export interface Ride {
  id: string;
  rider: number;
  state: TripState;
  pickup: Place;
  dropoff: Place;
  surge: number;
  requested_at_ms: number;
  /** Who comes, drives or drove. */
  driver_id: number | null;
  /** Where that driver is, while coming, waiting or driving. */
  driver: DriverFix | null;
  eta: Eta | null;
  meter: Meter | null;
  fare: Fare | null;
}

/** What a rider asks for. */
export interface RideRequest {
  rider: number;
  pickup: Place;
  dropoff: Place;
}

/** Why a rider wants a ride no more. */
export type CancelReason = 'changed_mind' | 'waited_too_long';

/** One page of a rider's history, newest first. */
export interface RidesPage {
  rides: Ride[];
  next_cursor: string | null;
}

export type DriverStatus = 'offline' | 'idle' | 'reserved' | 'to_pickup' | 'waiting' | 'on_trip';

/** The trip a driver is kept for. */
export interface Assignment {
  trip: string;
  attempt: number;
  pickup: Place;
  dropoff: Place;
}

/** A driver as a program sees it. */
export interface DriverView {
  id: number;
  status: DriverStatus;
  since_ms: number | null;
  position: Place | null;
  heading: number | null;
  speed: number | null;
  at_ms: number | null;
  trip: string | null;
}

export type ShiftChange = 'start' | 'end';

/** One timed position of a driver; without `at_ms` it is now. */
export interface Report extends Place {
  at_ms?: number;
  /** Whole degrees clockwise from north, below 360. */
  heading?: number;
  /** Metres per second of city time. */
  speed?: number;
  trip?: string;
  /** Metres driven with the rider on board. */
  odometer_m?: number;
}

export type DriverStep = 'accept' | 'decline' | 'arrive' | 'pick_up' | 'drop_off' | 'cancel';

/** What a driver does about a trip. */
export interface Action {
  trip: string;
  attempt: number;
  step: DriverStep;
  odometer_m?: number;
}
