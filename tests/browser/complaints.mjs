// What a page must not do: log an error, throw one, ask another server, get a server's error.

export class Complaints {
  constructor(origin) {
    this.origin = origin;
    this.found = [];
    this.excused = () => false;
  }

  /** Listens to a page from now on; `name` is for people. */
  watch(page, name) {
    const note = (what) => {
      if (!this.excused(what)) this.found.push(`${name}: ${what}`);
    };
    page.on('console', (message) => {
      if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => note(`threw ${error.stack ?? error}`));
    page.on('crash', () => note('crashed'));
    page.on('request', (request) => {
      if (!this.isOwn(request.url())) note(`asked ${request.url()}`);
    });
    page.on('websocket', (socket) => {
      if (!this.isOwn(socket.url().replace(/^ws/, 'http'))) note(`opened ${socket.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) note(`${response.status()} from ${response.url()}`);
    });
  }

  /** From now on, complaints that match are expected; null ends that. */
  excuse(pattern) {
    this.excused = pattern ? (what) => pattern.test(what) : () => false;
  }

  assertNone() {
    if (this.found.length > 0) throw new Error(this.text());
  }

  text() {
    return this.found.length === 0 ? 'no complaints' : `complaints:\n  ${this.found.join('\n  ')}`;
  }

  isOwn(url) {
    return /^(data|blob|about):/.test(url) || new URL(url).origin === this.origin;
  }
}
