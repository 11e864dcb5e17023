// How the graphics card draws a street: a box around it, in which the distance to the street decides what is painted.

const BLOCK = /* glsl */ `\
layout(std140) uniform roadsUniforms {
  float thinnest;
  float widest;
  vec4 widths;
  vec4 freeway;
  vec4 arterial;
  vec4 street;
  vec4 residential;
} roads;
`;

export const roadsUniforms = {
  name: 'roads',
  vs: BLOCK,
  uniformTypes: {
    thinnest: 'f32',
    widest: 'f32',
    widths: 'vec4<f32>',
    freeway: 'vec4<f32>',
    arterial: 'vec4<f32>',
    street: 'vec4<f32>',
    residential: 'vec4<f32>',
  },
} as const;

export const VERTEX = /* glsl */ `\
#version 300 es
#define SHADER_NAME roads-vertex

in vec2 positions;
in vec2 instanceFrom;
in vec2 instanceTo;
in vec4 instanceKind;

out vec2 place;
flat out float reach;
flat out float halfWidth;
flat out vec4 colour;

void main(void) {
  float kind = floor(instanceKind.x * 255.0 + 0.5);
  float metres = kind < 0.5 ? roads.widths.x : kind < 1.5 ? roads.widths.y : kind < 2.5 ? roads.widths.z : roads.widths.w;
  colour = kind < 0.5 ? roads.freeway : kind < 1.5 ? roads.arterial : kind < 2.5 ? roads.street : roads.residential;

  // The map is seen from straight above with north up, so common units differ from pixels by the scale alone.
  vec3 position = vec3(instanceFrom, 0.0);
  geometry.worldPosition = position;
  vec2 along = (instanceTo - instanceFrom) * project.scale;
  reach = max(length(along), 1e-4);
  vec2 forward = along / reach;

  float wish = project_size_to_pixel(metres);
  float width = clamp(wish, roads.thinnest, roads.widest);
  colour.a *= min(1.0, mix(0.35, 1.0, wish / roads.thinnest));
  halfWidth = 0.5 * width;

  float margin = halfWidth + 1.0;
  place = vec2(mix(-margin, reach + margin, positions.x), positions.y * margin);
  vec2 pixels = forward * place.x + vec2(-forward.y, forward.x) * place.y;
  gl_Position = project_position_to_clipspace(position, vec3(0.0), vec3(0.0), geometry.position);
  gl_Position.xy += project_pixel_size_to_clipspace(pixels);
}
`;

export const FRAGMENT = /* glsl */ `\
#version 300 es
#define SHADER_NAME roads-fragment
precision highp float;

in vec2 place;
flat in float reach;
flat in float halfWidth;
flat in vec4 colour;

out vec4 fragColor;

void main(void) {
  float beyond = place.x - clamp(place.x, 0.0, reach);
  float distance = length(vec2(beyond, place.y)) - halfWidth;
  float alpha = colour.a * clamp(0.5 - distance / fwidth(place.y), 0.0, 1.0);
  if (alpha < 0.004) discard;
  fragColor = vec4(colour.rgb, alpha);
}
`;
