// Errors as `application/problem+json` tells them, and what a person can do about each.

/** One wrong field of a request. */
export interface FieldError {
  field?: string;
  index?: number;
  detail?: string;
}

/** The body of every error of the API. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string | undefined;
  errors?: FieldError[] | undefined;
}

/** A request that was answered with an error, or not at all (status 0). */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** The server asks to wait this long, in seconds. */
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null = null) {
    super(problem.detail ? `${problem.title}: ${problem.detail}` : problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }

  /** The stable last part of the problem's type. */
  get slug(): string {
    return this.problem.type.split('/').pop() ?? '';
  }

  /** Whether the same request may succeed later; it may even have reached the city already. */
  get isPassing(): boolean {
    const { status } = this.problem;
    return status === 0 || status === 408 || status === 429 || status >= 500;
  }
}

/** The gateway did not answer. */
export function unreachable(): ProblemError {
  return new ProblemError({
    type: '/problems/unreachable',
    title: 'The city does not answer',
    status: 0,
    detail: 'No connection to the gateway.',
  });
}

/** The gateway did not answer in time. */
export function tooSlow(): ProblemError {
  return new ProblemError({
    type: '/problems/no-answer-in-time',
    title: 'The city takes too long',
    status: 0,
    detail: 'The gateway did not answer in time.',
  });
}

/** Reads the error out of an answer, whatever its body is. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const retryAfterS = Number.isFinite(retryAfter) ? retryAfter : null;
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || `Status ${response.status}`,
    status: response.status,
  };
  try {
    const body = (await response.json()) as Partial<Problem> | null;
    return new ProblemError({ ...fallback, ...body, status: response.status }, retryAfterS);
  } catch {
    return new ProblemError(fallback, retryAfterS);
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) {
    return error;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new ProblemError({ type: 'about:blank', title: 'This page made a mistake', status: 0, detail });
}

const ADVICE: Record<string, string> = {
  'outside-city': 'Choose a place on or near the roads of the map.',
  'no-route': 'No road leads from one to the other: move one of the two places.',
  'same-place': 'Pickup and drop-off are at the same junction: move them apart.',
  'ride-under-way': 'Your driver ends the ride at the drop-off.',
  'unknown-ride': 'It may be too long ago: start a new one.',
  'kafka-unavailable': 'Try again in a moment; asking twice never makes a second ride.',
  'history-unavailable': 'Rides under way go on; try again later.',
  'not-ready': 'The city has just started: try again in a moment.',
  'stopping': 'The city is being restarted: try again in a moment.',
  'ride-ended': 'This ride is over already; ask for a new one.',
  'idempotency-key-reused': 'This request was sent before with other places: start again.',
  'too-many-requests': 'Wait a moment, then try again.',
  'too-many-sockets': 'The city has as many visitors as it can take: try again in a minute.',
  'no-roads': 'Check that the city is running, then try again.',
  'unreachable': 'Check that the city is running; this page goes on trying.',
  'no-answer-in-time': 'Try again; asking twice never makes a second ride.',
};

/** What to do about a problem, in one sentence. */
export function adviceFor(error: ProblemError): string {
  const known = ADVICE[error.slug];
  if (known) {
    return known;
  }
  if (error.isPassing) {
    return error.retryAfterS ? `Try again in ${error.retryAfterS} s.` : 'Try again in a moment.';
  }
  return error.problem.status === 404 ? 'It may have been removed; start a new one.' : 'Change the input and try again.';
}
