// How the graphics card draws the line of a trip: a curve of constant width that gets stronger towards the drop-off.

const BLOCK = /* glsl */ `\
layout(std140) uniform tripsUniforms {
  float strength;
  vec4 requested;
  vec4 offered;
  vec4 matched;
  vec4 arrived;
  vec4 started;
} trips;
`;

export const tripsUniforms = {
  name: 'trips',
  vs: BLOCK,
  uniformTypes: {
    strength: 'f32',
    requested: 'vec4<f32>',
    offered: 'vec4<f32>',
    matched: 'vec4<f32>',
    arrived: 'vec4<f32>',
    started: 'vec4<f32>',
  },
} as const;

export const VERTEX = /* glsl */ `\
#version 300 es
#define SHADER_NAME trips-vertex

in vec2 positions;
in vec2 instanceFrom;
in vec2 instanceTo;
in vec4 instanceKind;

out float side;
out vec4 colour;

// How far the middle of a line lies beside the straight way, as a share of its length; half of it is seen.
const float BEND = 0.16;
const float HALF_WIDTH = 0.8;
const float REACH = HALF_WIDTH + 1.0;
const float AT_PICKUP = 0.18;

void main(void) {
  float state = floor(instanceKind.x * 255.0 + 0.5);
  colour = state < 0.5 ? trips.requested : state < 1.5 ? trips.offered : state < 2.5 ? trips.matched : state < 3.5 ? trips.arrived : trips.started;

  // A quadratic curve over the middle point, and its direction.
  vec2 straight = instanceTo - instanceFrom;
  vec2 middle = instanceFrom + 0.5 * straight + BEND * vec2(straight.y, -straight.x);
  float way = positions.x;
  vec2 point = mix(mix(instanceFrom, middle, way), mix(middle, instanceTo, way), way);
  vec2 forward = normalize(mix(middle - instanceFrom, instanceTo - middle, way) + vec2(1e-9));

  vec3 position = vec3(point, 0.0);
  geometry.worldPosition = position;
  side = positions.y * REACH;
  colour.a *= trips.strength * mix(AT_PICKUP, 1.0, way);
  gl_Position = project_position_to_clipspace(position, vec3(0.0), vec3(0.0), geometry.position);
  gl_Position.xy += project_pixel_size_to_clipspace(vec2(-forward.y, forward.x) * side);
}
`;

export const FRAGMENT = /* glsl */ `\
#version 300 es
#define SHADER_NAME trips-fragment
precision highp float;

in float side;
in vec4 colour;

out vec4 fragColor;

const float HALF_WIDTH = 0.8;

void main(void) {
  float alpha = colour.a * clamp(0.5 + (HALF_WIDTH - abs(side)) / fwidth(side), 0.0, 1.0);
  fragColor = vec4(colour.rgb, alpha);
}
`;
