// The layer of drivers. Its bytes are those of the store; a frame in which nobody reported costs a few uniforms.

import { Layer, project32 } from '@deck.gl/core';
import type { LayerProps, DefaultProps, UpdateParameters } from '@deck.gl/core';
import { Geometry, Model } from '@luma.gl/engine';

import type { DriverStore } from '../live/driver_store.ts';
import { ENTRY_BYTES } from '../live/entry_block.ts';
import { FRAGMENT, VERTEX, driversUniforms } from './drivers_shader.ts';
import type { DriversUniforms } from './drivers_shader.ts';
import type { Palette } from './palette.ts';

/** Drivers are shown in full until their report is this old, seconds. */
export const FADE_FROM_S = 10;
/** From this age on they are shown with `FADED` of their strength. */
export const FADE_TO_S = 30;
const FADED = 0.25;

/** Strength of drivers without a trip. */
const QUIET = 0.72;
/** Radius of drivers that do not grow, and the limits of those that do, in pixels. */
const FIXED_PX = 5.5;
const LEAST_PX = 1.15;
const MOST_PX = 9;
/** So many drivers in a city leave room for dots of the usual size; four times as many get dots half as large. */
const ROOMY = 4_000;

/** Zoom levels between which dots become arrows. */
const ARROWS_BEGIN = 14.2;
const ARROWS_WHOLE = 15.2;

interface OwnProps {
  store: DriverStore;
  palette: Palette;
  /** Who has a ring around; null for nobody. */
  selected: number | null;
  /** Factor on the size, for few and important drivers. */
  size: number;
  /** Drivers grow with the zoom; without it they stay as large as `size` says. */
  grows: boolean;
}

export type DriversLayerProps = OwnProps & LayerProps;

type GpuBuffer = ReturnType<Layer['context']['device']['createBuffer']>;

export class DriversLayer extends Layer<Required<OwnProps>> {
  static override layerName = 'DriversLayer';
  static override defaultProps: DefaultProps<OwnProps> = {
    selected: { type: 'object', value: null, optional: true },
    size: 1,
    grows: true,
  } as DefaultProps<OwnProps>;

  declare state: { model: Model; buffer: GpuBuffer | null };

  override initializeState(): void {
    this.setState({ model: this.makeModel(), buffer: null });
  }

  override updateState(parameters: UpdateParameters<this>): void {
    super.updateState(parameters);
    if (parameters.props.store !== parameters.oldProps.store) this.dropBuffer();
  }

  override finalizeState(context: Parameters<Layer['finalizeState']>[0]): void {
    this.dropBuffer();
    super.finalizeState(context);
  }

  override getModels(): Model[] {
    return this.state?.model ? [this.state.model] : [];
  }

  override getNumInstances(): number {
    return this.props.store.count;
  }

  override draw(): void {
    const { store } = this.props;
    const { model } = this.state;
    if (store.count === 0) return;
    this.upload(model);
    model.setInstanceCount(store.count);
    model.shaderInputs.setProps({ drivers: this.uniforms() });
    model.draw(this.context.renderPass);
  }

  private uniforms(): DriversUniforms {
    const { store, palette, selected, size, grows, opacity } = this.props;
    const { zoom } = this.context.viewport;
    const radius = (grows ? radiusPx(zoom, store.count) : FIXED_PX) * size;
    const arrow = grows ? Math.min(1, Math.max(0, (zoom - ARROWS_BEGIN) / (ARROWS_WHOLE - ARROWS_BEGIN))) : 1;
    return {
      now: store.seconds(performance.now()),
      radius,
      pixel: 1 / (radius * Math.min(window.devicePixelRatio, 2)),
      arrow,
      selected: selected === null ? -1 : store.slotOf(selected),
      opacity,
      fadeFrom: FADE_FROM_S,
      fadeTo: FADE_TO_S,
      faded: FADED,
      quiet: grows ? QUIET : 1,
      ...palette.drivers,
    };
  }

  /** Brings what changed in the store to the graphics card. */
  private upload(model: Model): void {
    const { store } = this.props;
    const { bytes } = store.block;
    const changes = store.takeChanges();
    const { buffer } = this.state;
    if (buffer === null || buffer.byteLength < bytes.byteLength) {
      buffer?.destroy();
      const fresh = this.context.device.createBuffer({ id: `${this.id}-entries`, data: bytes });
      this.state.buffer = fresh;
      model.setAttributes({ entries: fresh });
    } else if (changes !== null) {
      const from = changes.from * ENTRY_BYTES;
      buffer.write(bytes.subarray(from, changes.to * ENTRY_BYTES), from);
    }
  }

  private dropBuffer(): void {
    this.state.buffer?.destroy();
    this.state.buffer = null;
  }

  private makeModel(): Model {
    return new Model(this.context.device, {
      ...this.getShaders({ vs: VERTEX, fs: FRAGMENT, modules: [project32, driversUniforms] }),
      id: this.props.id,
      bufferLayout: [
        {
          name: 'entries',
          byteStride: ENTRY_BYTES,
          stepMode: 'instance',
          attributes: [
            { attribute: 'instanceFrom', format: 'float32x2', byteOffset: 0 },
            { attribute: 'instanceTo', format: 'float32x2', byteOffset: 8 },
            { attribute: 'instanceTimes', format: 'float32x3', byteOffset: 16 },
            { attribute: 'instanceLook', format: 'unorm8x4', byteOffset: 28 },
          ],
        },
      ],
      geometry: new Geometry({
        topology: 'triangle-strip',
        attributes: { positions: { size: 2, value: new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]) } },
      }),
      isInstanced: true,
    });
  }
}

/** From a dot over a whole city to an arrow in a street; smaller where many drivers would cover each other. */
function radiusPx(zoom: number, drivers: number): number {
  const crowd = Math.min(1, Math.sqrt(ROOMY / Math.max(1, drivers)));
  // Near by, only a few of them are in view.
  const near = Math.min(1, Math.max(0, (zoom - 13.7) / 2));
  const usual = 2.9 * 1.42 ** (zoom - 13);
  return Math.min(MOST_PX, Math.max(LEAST_PX, usual * (crowd + (1 - crowd) * near)));
}

/** A layer that draws a store. */
export function driversLayer(id: string, own: Partial<OwnProps> & Pick<OwnProps, 'store' | 'palette'>): DriversLayer {
  const { origin } = own.store;
  return new DriversLayer({
    id,
    coordinateSystem: 'cartesian',
    coordinateOrigin: [origin[0], origin[1], 0],
    ...own,
  } as unknown as Required<DriversLayerProps>);
}
