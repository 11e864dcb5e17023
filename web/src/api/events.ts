// What the two event streams tell, by the name of the event.

import type { Assignment, DriverFix, DriverStatus, Eta, Fare, Meter, Ride, TripState } from './types.ts';

/** A fact about a ride. Its stream id names partition and offset, so it can be resumed behind it. */
export interface StateNews {
  state: TripState;
  /** The fact, such as `offer_declined`. */
  event: string;
  at_ms: number;
  /** Who comes, drives or drove. */
  driver?: number;
  /** Who cancelled: `rider`, `driver` or `system`. */
  by?: string;
  /** Why it was cancelled or came to nothing. */
  reason?: string;
}

/** The stream of one ride: `GET /v1/rides/{id}/events`. */
export interface RideEvents {
  ride: Ride;
  state: StateNews;
  position: DriverFix;
  eta: Eta;
  meter: Meter;
  fare: Fare;
  end: { state: TripState };
}

/** A driver's state; sent first, and whenever it changes. */
export interface DriverNews {
  id: number;
  status: DriverStatus;
  assignment: Assignment | null;
}

/** A trip asks for this driver. */
export interface OfferNews extends Assignment {
  /** Real time of the server. */
  expires_at_ms: number;
  expires_in_ms: number;
}

/** An offer that can be accepted no more. */
export interface OfferEndedNews {
  trip: string;
  attempt: number;
  reason: 'declined' | 'expired' | 'cancelled';
}

/** A trip of this driver went on. */
export interface TripNews extends StateNews {
  trip: string;
}

/** What a completed trip of this driver brought. */
export interface FareNews extends Fare {
  trip: string;
  at_ms: number;
}

/** The stream of one driver: `GET /v1/drivers/{id}/events`. */
export interface DriverEvents {
  driver: DriverNews;
  offer: OfferNews;
  offer_ended: OfferEndedNews;
  trip: TripNews;
  fare: FareNews;
}
