// The live socket: says what is looked at, hands over what comes, and comes back by itself after it was lost.

import { pauseMs } from '../api/backoff.ts';
import type { ConnectionState } from '../shell/shell.ts';
import { PROTOCOL_VERSION, readMessage } from './messages.ts';
import type { Message, ViewMessage } from './messages.ts';

export interface SocketCalls {
  message(message: Message): void;
  frame(frame: ArrayBuffer): void;
  state(state: ConnectionState, detail: string): void;
}

/** Figures come every second; a socket that is silent this long is dead, whatever the browser thinks. */
const SILENCE_MS = 15_000;
/** After so many attempts in a row it is called failed, though attempts go on. */
const ATTEMPTS = 8;
/** Moving the map tells the server at most this often. */
const VIEW_MS = 250;
/** The server says with this code that it understood something and refuses it. */
const POLICY = 1008;

export class LiveSocket {
  private readonly calls: SocketCalls;
  private socket: WebSocket | null = null;
  private view: ViewMessage | null = null;
  private attempt = 0;
  private wasConnected = false;
  private retryTimer = 0;
  private silenceTimer = 0;
  private viewTimer = 0;

  constructor(calls: SocketCalls) {
    this.calls = calls;
    window.addEventListener('online', () => this.retryNow());
  }

  get connected(): boolean {
    return this.wasConnected && this.attempt === 0;
  }

  /** Says what is looked at; connects at the first time. */
  look(view: ViewMessage): void {
    const isFirst = this.view === null;
    this.view = view;
    if (isFirst) this.connect();
    else if (this.viewTimer === 0) {
      this.viewTimer = window.setTimeout(() => {
        this.viewTimer = 0;
        this.sendView();
      }, VIEW_MS);
    }
  }

  /** Tries at once instead of waiting. */
  retryNow(): void {
    if (this.socket !== null || this.view === null) return;
    window.clearTimeout(this.retryTimer);
    this.connect();
  }

  private connect(): void {
    const address = new URL('/v1/live', window.location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.tell(this.attempt < ATTEMPTS ? (this.wasConnected ? 'reconnecting' : 'connecting') : 'failed', 'asking the gateway');
    socket.onopen = () => this.sendView();
    socket.onmessage = (event) => this.receive(socket, event.data as string | ArrayBuffer);
    socket.onclose = (event) => this.lost(socket, event.code, event.reason);
    this.expectWord();
  }

  private receive(socket: WebSocket, data: string | ArrayBuffer): void {
    if (socket !== this.socket) return;
    this.expectWord();
    try {
      if (typeof data !== 'string') {
        this.calls.frame(data);
        return;
      }
      const message = readMessage(data);
      if (message === null) return;
      if (message.type === 'hello') this.greeted(message.version);
      this.calls.message(message);
    } catch (error) {
      // A message that cannot be read leaves a hole in what is shown: a fresh start mends it.
      console.warn('live socket: unreadable message', error);
      socket.close(4000, 'unreadable message');
    }
  }

  private greeted(version: number): void {
    if (version !== PROTOCOL_VERSION) throw new Error(`protocol version ${version} is unknown; reload the page`);
    this.attempt = 0;
    this.wasConnected = true;
    this.tell('connected', '');
  }

  private lost(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.socket) return;
    this.socket = null;
    window.clearTimeout(this.silenceTimer);
    this.attempt += 1;
    const refused = code === POLICY;
    const detail = reason !== '' ? reason : 'the gateway does not answer';
    const state: ConnectionState = refused || this.attempt > ATTEMPTS ? 'failed' : this.wasConnected ? 'reconnecting' : 'connecting';
    this.tell(state, detail);
    this.retryTimer = window.setTimeout(() => this.connect(), pauseMs(refused ? ATTEMPTS : this.attempt, Math.random()));
  }

  /** Starts counting silence anew. */
  private expectWord(): void {
    window.clearTimeout(this.silenceTimer);
    this.silenceTimer = window.setTimeout(() => {
      const { socket } = this;
      if (socket === null) return;
      socket.close();
      // A dead connection may take minutes to close in good order.
      this.lost(socket, 1006, 'the gateway fell silent');
    }, SILENCE_MS);
  }

  private sendView(): void {
    if (this.view !== null && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(this.view));
  }

  private tell(state: ConnectionState, detail: string): void {
    this.calls.state(state, detail);
  }
}
