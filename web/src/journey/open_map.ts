// The map of a page, or what to do when it cannot be drawn.

import { createRoadMap } from '../map/road_map.ts';
import { noRoads } from './city_places.ts';
import { hideNotice, showProblem } from './problem_notice.ts';
import { TripMap } from './trip_map.ts';

/** Draws the map into `container`; failures go to `box`, with a button to try again. */
export function openMap(container: HTMLElement, box: HTMLElement, then: (map: TripMap) => void): void {
  const open = (): void => {
    hideNotice(box);
    createRoadMap(container).then(
      (map) => then(new TripMap(map)),
      (error: unknown) => showProblem(box, noRoads(error), { label: 'Load the map again', run: open }),
    );
  };
  open();
}
