// How the graphics card draws a driver: moved between two fixes, a dot from afar, an arrow from near, faded with age.

/** Uniforms of the layer; the order is that of the block below. */
export type DriversUniforms = {
  now: number;
  radius: number;
  pixel: number;
  arrow: number;
  selected: number;
  opacity: number;
  fadeFrom: number;
  fadeTo: number;
  faded: number;
  quiet: number;
  rim: number[];
  accent: number[];
  offline: number[];
  idle: number[];
  reserved: number[];
  toPickup: number[];
  waiting: number[];
  onTrip: number[];
};

const BLOCK = /* glsl */ `\
layout(std140) uniform driversUniforms {
  float now;
  float radius;
  float pixel;
  float arrow;
  float selected;
  float opacity;
  float fadeFrom;
  float fadeTo;
  float faded;
  float quiet;
  vec4 rim;
  vec4 accent;
  vec4 offline;
  vec4 idle;
  vec4 reserved;
  vec4 toPickup;
  vec4 waiting;
  vec4 onTrip;
} drivers;
`;

export const driversUniforms = {
  name: 'drivers',
  vs: BLOCK,
  fs: BLOCK,
  uniformTypes: {
    now: 'f32',
    radius: 'f32',
    pixel: 'f32',
    arrow: 'f32',
    selected: 'f32',
    opacity: 'f32',
    fadeFrom: 'f32',
    fadeTo: 'f32',
    faded: 'f32',
    quiet: 'f32',
    rim: 'vec4<f32>',
    accent: 'vec4<f32>',
    offline: 'vec4<f32>',
    idle: 'vec4<f32>',
    reserved: 'vec4<f32>',
    toPickup: 'vec4<f32>',
    waiting: 'vec4<f32>',
    onTrip: 'vec4<f32>',
  },
} as const;

export const VERTEX = /* glsl */ `\
#version 300 es
#define SHADER_NAME drivers-vertex

in vec2 positions;
in vec2 instanceFrom;
in vec2 instanceTo;
in vec3 instanceTimes;
in vec4 instanceLook;

out vec2 place;
out vec4 fill;
out float ring;

const float ARROW_MARGIN = 1.3;
const float SELECTED_MARGIN = 4.0;

vec4 colourOf(float state) {
  if (state < 0.5) return drivers.offline;
  if (state < 1.5) return drivers.idle;
  if (state < 2.5) return drivers.reserved;
  if (state < 3.5) return drivers.toPickup;
  if (state < 4.5) return drivers.waiting;
  return drivers.onTrip;
}

void main(void) {
  float start = instanceTimes.x;
  float span = instanceTimes.y;
  float age = drivers.now - instanceTimes.z;
  float done = clamp((drivers.now - start) / span, 0.0, 1.0);
  vec3 position = vec3(mix(instanceFrom, instanceTo, done), 0.0);
  geometry.worldPosition = position;

  // The shorter way round, within the first third of the movement: cars turn at the corner, then drive.
  vec4 look = floor(instanceLook * 255.0 + 0.5);
  float turn = mod(look.y - look.x + 384.0, 256.0) - 128.0;
  float heading = radians((look.x + turn * min(1.0, done * 3.0)) * 360.0 / 256.0);

  ring = float(gl_InstanceID) == drivers.selected ? 1.0 : 0.0;
  float margin = mix(1.0, ARROW_MARGIN, drivers.arrow) + 2.0 * drivers.pixel;
  place = positions * (ring > 0.5 ? SELECTED_MARGIN : margin);
  float angle = drivers.arrow > 0.0 ? heading : 0.0;
  vec2 turned = vec2(place.x * cos(angle) + place.y * sin(angle), place.y * cos(angle) - place.x * sin(angle));

  gl_Position = project_position_to_clipspace(position, vec3(0.0), vec3(0.0), geometry.position);
  gl_Position.xy += project_pixel_size_to_clipspace(turned * drivers.radius);

  float fresh = 1.0 - smoothstep(drivers.fadeFrom, drivers.fadeTo, age);
  fill = colourOf(look.z);
  // Whoever has nothing to do steps back a little, so that those who drive somebody stand out.
  float idle = look.z < 1.5 ? drivers.quiet : 1.0;
  fill.a *= mix(drivers.faded, 1.0, fresh) * (look.w > 0.0 ? 0.35 : 1.0) * idle * drivers.opacity;
}
`;

export const FRAGMENT = /* glsl */ `\
#version 300 es
#define SHADER_NAME drivers-fragment
precision highp float;

in vec2 place;
in vec4 fill;
in float ring;

out vec4 fragColor;

float cross2(vec2 a, vec2 b) {
  return a.x * b.y - a.y * b.x;
}

// Distance to the edge of an arrow that points up: tip, two wings and a notch; symmetrical, so half of it is enough.
float arrowDistance(vec2 p) {
  p.x = abs(p.x);
  vec2 tip = vec2(0.0, 1.25);
  vec2 wing = vec2(0.95, -1.05);
  vec2 notch = vec2(0.0, -0.6);
  vec2 along = wing - tip;
  vec2 base = notch - wing;
  float right = cross2(along, p - tip) / length(along);
  float below = cross2(base, p - wing) / length(base);
  return max(right, below);
}

void main(void) {
  float pixel = drivers.pixel;
  float disc = length(place) - 1.0;
  float edge = drivers.arrow > 0.01 ? mix(disc, arrowDistance(place), drivers.arrow) : disc;
  float inside = 1.0 - smoothstep(-0.5 * pixel, 0.5 * pixel, edge);
  // Small dots have no rim: it would be larger than they are.
  float rimmed = (1.0 - smoothstep(0.5 * pixel, 1.6 * pixel, edge)) * smoothstep(1.8, 3.2, drivers.radius);
  vec4 colour = vec4(mix(drivers.rim.rgb, fill.rgb, inside), fill.a * max(inside, rimmed * drivers.rim.a));
  if (ring > 0.5) {
    float around = abs(length(place) - 2.6) - 0.9 * pixel;
    float shown = 1.0 - smoothstep(-0.5 * pixel, 0.5 * pixel, around);
    colour = mix(colour, vec4(drivers.accent.rgb, 1.0), shown);
  }
  if (colour.a < 0.004) discard;
  fragColor = colour;
}
`;
