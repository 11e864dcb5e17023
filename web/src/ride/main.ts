// The rider's page: choose two places, see the price, ask, watch the driver come, ride, pay.

import { cityMs, serverMs } from '../api/city_clock.ts';
import type { StreamState } from '../api/event_stream.ts';
import type { ProblemError } from '../api/problem.ts';
import type { Ride } from '../api/types.ts';
import { keepClocks } from '../journey/clocks.ts';
import { connectionOf } from '../journey/connection.ts';
import { openMap } from '../journey/open_map.ts';
import { ownId } from '../journey/own_id.ts';
import { hideNotice, showInfo, showProblem } from '../journey/problem_notice.ts';
import { element, startShell } from '../shell/shell.ts';
import { Choosing } from './choosing.ts';
import { HistoryList } from './history_list.ts';
import { LiveCard } from './live_card.ts';
import { ReceiptCard } from './receipt_card.ts';
import { RideMap } from './ride_map.ts';
import { Riding } from './riding.ts';

/** The archive has a ride a moment after its end. */
const ARCHIVE_MS = 3_000;
const TICK_MS = 250;

const shell = startShell();
const time = keepClocks(shell);
const rider = ownId(localStorage, 'hailstorm.rider');
const map = new RideMap();
const history = new HistoryList(rider);
const problem = element('live-problem');
const dialog = element<HTMLDialogElement>('cancel-dialog');

const live = new LiveCard(() => dialog.showModal());
const receipt = new ReceiptCard(startOver);

const riding = new Riding({
  changed(ride, event) {
    live.show(ride);
    map.showRide(ride, event);
  },
  connection: showConnection,
  ended(ride) {
    receipt.show(ride);
    dialog.close();
    showStage('receipt');
    setTimeout(() => history.reload(), ARCHIVE_MS);
  },
  notCancelled(why) {
    live.setCancelling(false);
    if (why) {
      showProblem(problem, why);
    } else {
      showInfo(problem, 'The ride could not be cancelled any more: it goes on.');
    }
  },
});

const choosing = new Choosing(rider, () => serverMs(time.now(), Date.now()), {
  changed: (choice, quote) => map.showChoice(choice, quote),
  asked(ride: Ride) {
    showStage('live');
    riding.start(ride);
    live.focus();
  },
});

function showStage(stage: 'choose' | 'live' | 'receipt'): void {
  const hadFocus = live.section.contains(document.activeElement);
  choosing.setOpen(stage === 'choose');
  live.section.hidden = stage !== 'live';
  receipt.section.hidden = stage !== 'receipt';
  element('leave').hidden = true;
  hideNotice(problem);
  if (stage === 'receipt' && hadFocus) {
    receipt.focus();
  }
}

let wasLost = false;

function showConnection(state: StreamState, why: ProblemError | null): void {
  shell.setConnection(connectionOf(state), why?.message ?? '');
  if (state === 'failed' && why) {
    showProblem(problem, why);
    element('leave').hidden = false;
  } else if (state === 'reconnecting') {
    showInfo(problem, 'The connection is lost; trying again. The ride goes on meanwhile.');
  } else if (state === 'open') {
    hideNotice(problem);
    if (wasLost) {
      time.renew();
    }
  }
  wasLost = state === 'reconnecting';
}

/** Back to the choice of two places. */
function startOver(): void {
  riding.stop();
  shell.setConnection('idle');
  showStage('choose');
  choosing.clear();
}

element('cancel-no').addEventListener('click', () => dialog.close());
element('cancel-yes').addEventListener('click', () => {
  dialog.close();
  hideNotice(problem);
  live.setCancelling(true);
  void riding.cancel();
});
element('leave').addEventListener('click', startOver);

setInterval(() => {
  if (riding.current && !live.section.hidden) {
    live.tick(riding.current, cityMs(time.now(), Date.now()));
  }
}, TICK_MS);

openMap(element('map'), element('map-problem'), (opened) => {
  opened.onClick((place) => {
    if (choosing.isOpen) {
      choosing.clicked(place);
    }
  });
  map.attach(opened);
});

history.reload();
if (Riding.kept()) {
  showStage('live');
  live.showLoading();
  riding.resume();
}
