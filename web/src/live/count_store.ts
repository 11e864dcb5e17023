// Drivers per cell, for when there are too many to be shown one by one.

import type { CellSink, FrameHeader } from './frames.ts';
import { tileKey, tileNorth, tileStep, tileWest } from './tiles.ts';

/** The cells of one tile: x, y (common units of the middle), idle, busy. */
interface TileCounts {
  cells: Float64Array;
  drivers: number;
}

export class CountStore {
  /** Grows with every change. */
  version = 0;
  /** Width of a cell in common units. */
  cellSize = 0;
  private readonly tiles = new Map<number, TileCounts>();

  /** All cells of a tile; `read` is given who takes them. */
  replace(header: FrameHeader, read: (sink: CellSink) => void): void {
    const { tileZoom, tileX, tileY, grid } = header;
    const cell = (tileStep(tileZoom) * 65_536) / grid;
    const west = tileWest(tileX, tileZoom);
    const north = tileNorth(tileY, tileZoom);
    const cells: number[] = [];
    let drivers = 0;
    read((number, idle, busy) => {
      cells.push(west + ((number % grid) + 0.5) * cell, north - (Math.floor(number / grid) + 0.5) * cell, idle, busy);
      drivers += idle + busy;
    });
    this.tiles.set(tileKey(tileX, tileY), { cells: Float64Array.from(cells), drivers });
    this.cellSize = cell;
    this.version += 1;
  }

  /** Forgets every tile that is not kept. */
  keep(kept: ReadonlySet<number>): void {
    for (const tile of this.tiles.keys()) {
      if (kept.has(tile)) continue;
      this.tiles.delete(tile);
      this.version += 1;
    }
  }

  get drivers(): number {
    let sum = 0;
    for (const tile of this.tiles.values()) sum += tile.drivers;
    return sum;
  }

  get cellCount(): number {
    let sum = 0;
    for (const tile of this.tiles.values()) sum += tile.cells.length / 4;
    return sum;
  }

  /** Calls back with each cell. */
  each(call: (x: number, y: number, idle: number, busy: number) => void): void {
    for (const { cells } of this.tiles.values()) {
      for (let at = 0; at < cells.length; at += 4) call(cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!);
    }
  }
}
