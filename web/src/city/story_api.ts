// Stories as the gateway tells them: every event about a trip or a driver.

import { request } from '../api/http.ts';

export interface StoryEvent {
  topic: string;
  partition: number;
  offset: number;
  /** Real time. */
  time_ms: number;
  fields: Record<string, unknown>;
}

export interface Story {
  events: StoryEvent[];
  /** Where the trace of a trip can be looked at, if the city is told where that is. */
  trace_url?: string;
}

export async function rideStory(id: string, signal: AbortSignal): Promise<Story> {
  return request<Story>('GET', `/v1/rides/${encodeURIComponent(id)}/story`, { signal });
}

export async function driverStory(id: string, signal: AbortSignal): Promise<Story> {
  return request<Story>('GET', `/v1/drivers/${encodeURIComponent(id)}/story`, { signal });
}
