// The drivers on the map: which entry of the block is whose, how fast each moves, and who is about to leave. No object
// per driver, so that a hundred thousand of them cost the browser's memory manager nothing.

import { EntryBlock } from './entry_block.ts';
import type { Fix } from './entry_block.ts';

/** Reports closer together than this are one report that was told twice. */
const SAME_REPORT_S = 0.3;
/** A movement lasts as long as the time between two reports, within these limits. */
const SHORTEST_SPAN_S = 0.5;
const LONGEST_SPAN_S = 10;
/** How much the newest interval between two reports counts against the usual one. */
const INTERVAL_WEIGHT = 0.3;
/** Further than this in one step is a jump, not a drive: common units, about 1.5 km at 46° N. */
const JUMP = 0.0275;
/** A driver who left a tile may turn up in the next one within a tick or two; until then the entry stays. */
const LEAVING_MS = 1200;
/** The frames in which a tile is told anew have all come by then. */
const RETELLING_MS = 700;
/** 32-bit seconds stay exact to a millisecond for some hours; then times are counted anew. */
const REBASE_AFTER_S = 7200;

/** Where and how a driver is shown. */
export interface Shown extends Fix {
  state: number;
  /** Seconds since the report. */
  age: number;
}

export class DriverStore {
  /** Entries are relative to this place in common units, so that 32 bits are exact to millimetres. */
  readonly origin: readonly [x: number, y: number];
  /** Number of entries. */
  count = 0;
  readonly block: EntryBlock;
  private ids: Float64Array<ArrayBuffer>;
  private tiles: Int32Array<ArrayBuffer>;
  /** Usual seconds between two reports, 0 before the second one. */
  private intervals: Float32Array<ArrayBuffer>;
  /** After which snapshot each was heard of last. */
  private heard: Uint32Array<ArrayBuffer>;
  private snapshots = 0;
  /** Tiles that were told anew since the last sweep, with the number of that snapshot. */
  private readonly retold = new Map<number, number>();
  private retoldMs = 0;
  private readonly slots = new Map<number, number>();
  /** Who leaves, and since when (ms). */
  private readonly leaving = new Map<number, number>();
  private readonly fix: Fix = { x: 0, y: 0, heading: 0 };
  private epochMs = 0;
  private changedFrom = Infinity;
  private changedTo = 0;

  /** `origin` lies in or near the city. */
  constructor(origin: readonly [x: number, y: number], capacity = 32_768) {
    this.origin = origin;
    this.block = new EntryBlock(capacity);
    this.ids = new Float64Array(capacity);
    this.tiles = new Int32Array(capacity);
    this.intervals = new Float32Array(capacity);
    this.heard = new Uint32Array(capacity);
  }

  /** Drivers who are here and do not leave. */
  get present(): number {
    return this.count - this.leaving.size;
  }

  /** Seconds on the clock of the entries; `nowMs` is `performance.now()`. */
  seconds(nowMs: number): number {
    return (nowMs - this.epochMs) / 1000;
  }

  /** A driver's newest fix in common units; `ageS` is how long ago it was reported, `tile` where it came from. */
  put(id: number, x: number, y: number, heading: number, state: number, ageS: number, tile: number, nowMs: number): void {
    const now = this.seconds(nowMs);
    const seen = now - ageS;
    const { block, fix } = this;
    fix.x = x - this.origin[0];
    fix.y = y - this.origin[1];
    fix.heading = heading;
    if (this.leaving.size > 0) this.leaving.delete(id);
    let slot = this.slots.get(id);
    if (slot === undefined) {
      slot = this.add(id);
      block.place(slot, fix, now, SHORTEST_SPAN_S, seen);
    } else if (seen - block.seen(slot) > SAME_REPORT_S) {
      block.move(slot, fix, now, this.span(slot, seen - block.seen(slot)), seen, JUMP);
    }
    this.tiles[slot] = tile;
    this.heard[slot] = this.snapshots;
    block.setState(slot, state);
    block.setLeaving(slot, false);
    this.touch(slot);
  }

  /** A driver left a tile: it is removed soon, unless it turns up elsewhere. */
  leave(id: number, tile: number, nowMs: number): void {
    const slot = this.slots.get(id);
    if (slot === undefined || this.tiles[slot] !== tile) return;
    this.leaving.set(id, nowMs);
    this.block.setLeaving(slot, true);
    this.touch(slot);
  }

  /** All drivers of a tile are about to be put, maybe in several frames: whoever is not among them is removed later. */
  retell(tile: number, nowMs: number): void {
    this.retoldMs = nowMs;
    this.snapshots += 1;
    this.retold.set(tile, this.snapshots);
  }

  /** Removes whoever left a while ago or was missing when a tile was retold. Call about once a tick. */
  sweep(nowMs: number): void {
    if (this.seconds(nowMs) > REBASE_AFTER_S) this.rebase(nowMs);
    if (this.retold.size > 0 && nowMs - this.retoldMs >= RETELLING_MS) {
      this.removeWhere((slot) => this.heard[slot]! < (this.retold.get(this.tiles[slot]!) ?? 0));
      this.retold.clear();
    }
    for (const [id, since] of this.leaving) {
      if (nowMs - since < LEAVING_MS) continue;
      this.leaving.delete(id);
      this.remove(id);
    }
  }

  /** Removes at once every driver outside of these tiles. */
  keepTiles(kept: ReadonlySet<number>): void {
    this.removeWhere((slot) => !kept.has(this.tiles[slot]!));
  }

  private removeWhere(goes: (slot: number) => boolean): void {
    // From the end, because the last entry takes the place of a removed one.
    for (let slot = this.count - 1; slot >= 0; slot -= 1) {
      if (!goes(slot)) continue;
      const id = this.ids[slot]!;
      this.leaving.delete(id);
      this.remove(id);
    }
  }

  /** The entry of a driver, or -1. It changes when others are removed. */
  slotOf(id: number): number {
    return this.slots.get(id) ?? -1;
  }

  idAt(slot: number): number {
    return this.ids[slot]!;
  }

  /** Where an entry is shown at a moment, in common units. */
  shownAt(slot: number, nowMs: number): Shown {
    const { block, origin } = this;
    const now = this.seconds(nowMs);
    return {
      x: origin[0] + block.x(slot, now),
      y: origin[1] + block.y(slot, now),
      heading: block.heading(slot),
      state: block.state(slot),
      age: now - block.seen(slot),
    };
  }

  /** The entry nearest to a place in common units, -1 if none is within `reach`. */
  nearest(x: number, y: number, reach: number, nowMs: number): number {
    const { block } = this;
    const now = this.seconds(nowMs);
    const aimX = x - this.origin[0];
    const aimY = y - this.origin[1];
    let best = -1;
    let bestSquare = reach * reach;
    for (let slot = 0; slot < this.count; slot += 1) {
      // Whoever is shown here goes to somewhere not further than a jump: most are ruled out by it.
      if (Math.abs(block.targetX(slot) - aimX) > JUMP + reach) continue;
      const square = (block.x(slot, now) - aimX) ** 2 + (block.y(slot, now) - aimY) ** 2;
      if (square > bestSquare) continue;
      best = slot;
      bestSquare = square;
    }
    return best;
  }

  /** The entries that changed since the last call, `to` exclusive; null if none did. */
  takeChanges(): { from: number; to: number } | null {
    const from = this.changedFrom;
    const to = Math.min(this.changedTo, this.count);
    this.changedFrom = Infinity;
    this.changedTo = 0;
    return from < to ? { from, to } : null;
  }

  /** How long the movement to a new fix shall last, seconds. */
  private span(slot: number, interval: number): number {
    const usual = this.intervals[slot]!;
    const next = usual === 0 ? interval : usual + INTERVAL_WEIGHT * (interval - usual);
    this.intervals[slot] = next;
    return Math.min(LONGEST_SPAN_S, Math.max(SHORTEST_SPAN_S, next));
  }

  private add(id: number): number {
    if (this.count === this.block.capacity) this.grow();
    const slot = this.count;
    this.count += 1;
    this.ids[slot] = id;
    this.intervals[slot] = 0;
    this.slots.set(id, slot);
    return slot;
  }

  /** The last entry takes the place of the removed one. */
  private remove(id: number): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    this.slots.delete(id);
    this.count -= 1;
    const last = this.count;
    if (slot === last) return;
    const moved = this.ids[last]!;
    this.block.copy(last, slot);
    this.ids[slot] = moved;
    this.tiles[slot] = this.tiles[last]!;
    this.intervals[slot] = this.intervals[last]!;
    this.heard[slot] = this.heard[last]!;
    this.slots.set(moved, slot);
    this.touch(slot);
  }

  private touch(slot: number): void {
    if (slot < this.changedFrom) this.changedFrom = slot;
    if (slot >= this.changedTo) this.changedTo = slot + 1;
  }

  private grow(): void {
    const capacity = this.count * 2;
    this.block.grow(capacity);
    const { ids, tiles, intervals, heard } = this;
    (this.ids = new Float64Array(capacity)).set(ids);
    (this.tiles = new Int32Array(capacity)).set(tiles);
    (this.intervals = new Float32Array(capacity)).set(intervals);
    (this.heard = new Uint32Array(capacity)).set(heard);
  }

  private rebase(nowMs: number): void {
    this.block.rebase(this.count, this.seconds(nowMs));
    this.epochMs = nowMs;
    this.changedFrom = 0;
    this.changedTo = this.count;
  }
}
