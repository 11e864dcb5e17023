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

interface Story {
  events: StoryEvent[];
}

export async function rideStory(id: string, signal: AbortSignal): Promise<StoryEvent[]> {
  return (await request<Story>('GET', `/v1/rides/${encodeURIComponent(id)}/story`, { signal })).events;
}

export async function driverStory(id: string, signal: AbortSignal): Promise<StoryEvent[]> {
  return (await request<Story>('GET', `/v1/drivers/${encodeURIComponent(id)}/story`, { signal })).events;
}
