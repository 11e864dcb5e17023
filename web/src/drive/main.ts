// The driver's page: go on shift, take an offer, drive, earn.

import type { StreamState } from '../api/event_stream.ts';
import type { ProblemError } from '../api/problem.ts';
import type { ShiftChange } from '../api/types.ts';
import { randomPlaces } from '../journey/city_places.ts';
import { keepClocks } from '../journey/clocks.ts';
import { connectionOf } from '../journey/connection.ts';
import { rounded } from '../journey/geo.ts';
import { openMap } from '../journey/open_map.ts';
import { keepId, newId, ownId } from '../journey/own_id.ts';
import { hideNotice, showInfo, showProblem } from '../journey/problem_notice.ts';
import { element, startShell } from '../shell/shell.ts';
import { DriveMap } from './drive_map.ts';
import { UNKNOWN_DUTY, isOnShift } from './duty.ts';
import type { Duty } from './duty.ts';
import { EarningsCard } from './earnings_card.ts';
import { Garage } from './garage.ts';
import { askBeforeLeaving } from './leaving.ts';
import { OfferCard } from './offer_card.ts';
import { startReporting } from './reporter.ts';
import { Session } from './session.ts';
import { ShiftCard } from './shift_card.ts';

const DRIVER = 'hailstorm.driver';
const TICK_MS = 250;
/** A change of shift that the city has not confirmed by then may be asked for again. */
const CHANGE_MS = 8_000;

const shell = startShell();
const time = keepClocks(shell);
const map = new DriveMap();
const earnings = new EarningsCard();
const problem = element('shift-problem');
const reports = element('report-problem');
const offerProblem = element('offer-problem');

let session: Session;
let changing: { to: ShiftChange; sinceMs: number } | null = null;

const duty = (): Duty => session?.duty ?? UNKNOWN_DUTY;

const garage = new Garage({
  changed() {
    card.showPlace(garage.car?.parked ?? null);
    card.show(duty(), garage.isAuto);
    map.place(garage.car);
  },
  routed: () => map.showRoute(garage.car),
  saying: (step) => card.setSaying(step),
  trouble: showTrouble,
  send: (action) => session.act(action),
});

const offer = new OfferCard(
  (answer) => {
    offer.setAnswered(answer);
    void garage.pilot?.say(duty(), answer, performance.now()).then((isSaid) => isSaid || offer.setAnswered(null));
  },
  (points) => map.showOffered(points, garage.car),
);

const card = new ShiftCard({
  driver: become,
  newDriver: () => become(newId(Math.random())),
  place: (place) => garage.put(place),
  anywhere: () => void anywhere(),
  start: () => void change('start'),
  end: () => void change('end'),
  auto(wanted) {
    garage.setAuto(wanted);
    card.show(duty(), wanted);
  },
  multiple: (wanted) => garage.setMultiple(wanted),
  step: (step) => void garage.pilot?.say(duty(), step, performance.now()),
});

/** Another driver: everything begins anew. */
function become(id: number): void {
  session?.close();
  keepId(localStorage, DRIVER, id);
  session = new Session(id, { changed, earned: (fare) => earnings.add(fare), connection: showConnection });
  card.showDriver(id);
  earnings.open(id);
  garage.open(id);
  changed(session.duty);
  session.open();
}

function changed(now: Duty): void {
  if (changing && isOnShift(now) === (changing.to === 'start')) {
    changing = null;
    card.setChanging(null);
  }
  const { car } = garage;
  if (isOnShift(now) && !car) {
    void findCar();
  }
  card.show(now, garage.isAuto);
  offer.show(now.offer, car?.parked ?? null);
  offer.tick(performance.now());
  map.show(now, car);
  garage.pilot?.tick(now, performance.now());
}

/** On shift, but this browser does not know where: the city knows, or the car stands anywhere. */
async function findCar(): Promise<void> {
  const { driver } = session;
  const place = await session.lastPlace();
  if (garage.car || session.driver !== driver) {
    return;
  }
  if (place) {
    garage.put(place);
  } else {
    await anywhere();
  }
}

async function anywhere(): Promise<void> {
  try {
    const [place] = await randomPlaces(1);
    if (place) {
      garage.put(place);
      map.look();
    }
  } catch (error) {
    showProblem(problem, error, { label: 'Try again', run: () => void anywhere() });
  }
}


/** What is wrong with an answer stands beside the offer. */
function showTrouble(why: ProblemError | null): void {
  hideNotice(offerProblem);
  if (!why) {
    hideNotice(problem);
  } else {
    showProblem(duty().offer ? offerProblem : problem, why);
  }
}

async function change(to: ShiftChange): Promise<void> {
  const { car } = garage;
  if (!car) {
    return;
  }
  hideNotice(problem);
  changing = { to, sinceMs: performance.now() };
  card.setChanging(to);
  try {
    await session.shift(to, rounded(car.parked));
    if (to === 'end' && duty().job) {
      changing = null;
      card.setChanging(null);
      showInfo(problem, 'The shift ends when this trip is over.');
    }
  } catch (error) {
    changing = null;
    card.setChanging(null);
    showProblem(problem, error);
  }
}

function showConnection(state: StreamState, why: ProblemError | null): void {
  shell.setConnection(connectionOf(state), why?.message ?? '');
  if (state === 'failed' && why) {
    showProblem(problem, why, { label: 'Connect again', run: () => session.open() });
  } else if (state === 'open' && problem.dataset['from'] === 'stream') {
    hideNotice(problem);
    time.renew();
  } else if (state === 'reconnecting') {
    showInfo(problem, 'The connection is lost; trying again. Offers cannot reach you meanwhile.');
  }
  problem.dataset['from'] = state === 'reconnecting' || state === 'failed' ? 'stream' : '';
}

function advance(): void {
  garage.car?.advance(performance.now(), time.now().city.speed);
}

function frame(): void {
  advance();
  map.place(garage.car);
  requestAnimationFrame(frame);
}

setInterval(() => {
  const nowMs = performance.now();
  advance();
  session.tick(nowMs);
  garage.pilot?.tick(duty(), nowMs);
  offer.tick(nowMs);
  if (changing && nowMs - changing.sinceMs > CHANGE_MS) {
    changing = null;
    card.setChanging(null);
  }
  if (garage.car) {
    card.tick(garage.car, duty());
    map.showRoute(garage.car);
  }
}, TICK_MS);

startReporting({
  next() {
    const goesOn = isOnShift(duty()) || changing?.to === 'start';
    if (!garage.car || !goesOn) {
      return null;
    }
    advance();
    garage.remember();
    return { driver: session.driver, report: garage.car.report() };
  },
  trouble: (why) => (why ? showProblem(reports, why) : hideNotice(reports)),
});

askBeforeLeaving({
  isOnShift: () => isOnShift(duty()),
  isOnTrip: () => duty().job !== null,
  endShift: async () => {
    const here = garage.car?.parked;
    if (here) {
      await session.shift('end', rounded(here), true);
    }
  },
});

openMap(element('map'), element('map-problem'), (opened) => {
  opened.onClick((place) => {
    if (!isOnShift(duty())) {
      garage.put(place);
    } else if (!garage.isAuto) {
      garage.pilot?.driveTo(place);
    }
  });
  map.attach(opened, duty(), garage.car);
  map.look();
});

become(ownId(localStorage, DRIVER));
requestAnimationFrame(frame);
