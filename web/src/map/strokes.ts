// A layer of many lines from one place to another. Who extends it says how one of them looks.

import { Layer, project32 } from '@deck.gl/core';
import type { UpdateParameters } from '@deck.gl/core';
import { Geometry, Model } from '@luma.gl/engine';

import { STROKE_BYTES } from './stroke_block.ts';
import type { StrokeBlock } from './stroke_block.ts';

/** What a layer of strokes is given. */
export interface StrokesProps {
  block: StrokeBlock;
  count: number;
  /** Another number says that the strokes have changed. */
  version: number;
}

/** How one kind of strokes is drawn. */
export interface Recipe {
  vs: string;
  fs: string;
  module: object;
  /** The corners of one stroke as a strip of triangles: share of the way, side. */
  strip: Float32Array<ArrayBuffer>;
}

type GpuBuffer = ReturnType<Layer['context']['device']['createBuffer']>;

export abstract class StrokesLayer<Props extends object> extends Layer<Required<StrokesProps> & Required<Props>> {
  static override layerName = 'StrokesLayer';

  declare state: { model: Model; buffer: GpuBuffer | null };

  /** The shader, and the shape of one stroke. */
  protected abstract recipe(): Recipe;
  /** The uniforms of the shader by the name of its module. */
  protected abstract uniforms(): Record<string, Record<string, unknown>>;

  override initializeState(): void {
    this.setState({ model: this.makeModel(), buffer: null });
  }

  override updateState(parameters: UpdateParameters<this>): void {
    super.updateState(parameters);
    const { props, oldProps } = parameters;
    if (this.state.buffer === null || props.version !== oldProps.version || props.block !== oldProps.block) this.upload();
  }

  override finalizeState(context: Parameters<Layer['finalizeState']>[0]): void {
    this.state.buffer?.destroy();
    super.finalizeState(context);
  }

  override getModels(): Model[] {
    return this.state?.model ? [this.state.model] : [];
  }

  override getNumInstances(): number {
    return this.props.count;
  }

  override draw(): void {
    const { model } = this.state;
    if (this.props.count === 0) return;
    model.setInstanceCount(this.props.count);
    model.shaderInputs.setProps(this.uniforms());
    model.draw(this.context.renderPass);
  }

  private upload(): void {
    const { block, count } = this.props;
    const { buffer, model } = this.state;
    if (buffer !== null && buffer.byteLength >= block.bytes.byteLength) {
      buffer.write(block.bytes.subarray(0, count * STROKE_BYTES));
      return;
    }
    buffer?.destroy();
    this.state.buffer = this.context.device.createBuffer({ id: `${this.id}-strokes`, data: block.bytes });
    model.setAttributes({ strokes: this.state.buffer });
  }

  private makeModel(): Model {
    const { vs, fs, module, strip } = this.recipe();
    return new Model(this.context.device, {
      ...this.getShaders({ vs, fs, modules: [project32, module] }),
      id: this.props.id,
      bufferLayout: [
        {
          name: 'strokes',
          byteStride: STROKE_BYTES,
          stepMode: 'instance',
          attributes: [
            { attribute: 'instanceFrom', format: 'float32x2', byteOffset: 0 },
            { attribute: 'instanceTo', format: 'float32x2', byteOffset: 8 },
            { attribute: 'instanceKind', format: 'unorm8x4', byteOffset: 16 },
          ],
        },
      ],
      geometry: new Geometry({ topology: 'triangle-strip', attributes: { positions: { size: 2, value: strip } } }),
      isInstanced: true,
    });
  }
}
