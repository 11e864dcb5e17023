// Cuts the text of an event stream into events, as the HTML standard says.

export interface SseEvent {
  event: string;
  data: string;
  /** The last id seen so far, in this event or an earlier one. */
  id: string | null;
}

/** Takes text as it comes, in pieces of any length. */
export class SseParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | null = null;
  /** The pause that the server asks for before a reconnect, in milliseconds. */
  retryMs: number | null = null;

  /** The events that this piece completes. */
  push(piece: string): SseEvent[] {
    const text = this.rest + piece;
    const lines = text.split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? '';
    // A trailing CR may be the first half of CRLF: keep it until the next piece tells.
    if (text.endsWith('\r') && this.rest === '') {
      this.rest = `${lines.pop() ?? ''}\r`;
    }
    const events: SseEvent[] = [];
    for (const line of lines) {
      const complete = this.take(line);
      if (complete) {
        events.push(complete);
      }
    }
    return events;
  }

  private take(line: string): SseEvent | null {
    if (line === '') {
      return this.dispatch();
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this.event = value;
    } else if (field === 'data') {
      this.data.push(value);
    } else if (field === 'id' && !value.includes('\0')) {
      this.id = value;
    } else if (field === 'retry' && /^\d+$/.test(value)) {
      this.retryMs = Number(value);
    }
    return null;
  }

  private dispatch(): SseEvent | null {
    const event = this.event || 'message';
    const data = this.data;
    this.event = '';
    this.data = [];
    return data.length === 0 ? null : { event, data: data.join('\n'), id: this.id };
  }
}
