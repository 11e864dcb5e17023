// The state of a stream in the words of the top bar.

import type { StreamState } from '../api/event_stream.ts';
import type { ConnectionState } from '../shell/shell.ts';

const STATES: Record<StreamState, ConnectionState> = {
  connecting: 'connecting',
  open: 'connected',
  reconnecting: 'reconnecting',
  failed: 'failed',
  ended: 'idle',
};

export function connectionOf(state: StreamState): ConnectionState {
  return STATES[state];
}
