import{d as e,p as t}from"./http-CEq5a9JE.js";import{S as n,b as r,x as i}from"./rides-CW_EW5yD.js";import{a,c as o,d as s,f as c,i as l,l as u,o as d,p as f,r as p,s as m,t as h,u as g}from"./deck-BdbRpwFz.js";function _(e,t){let n=document.createElement(`div`);n.className=`map__zoom`;let r=(e,t,r)=>{let i=document.createElement(`button`);i.type=`button`,i.className=`button button--quiet`,i.textContent=e,i.title=t,i.setAttribute(`aria-label`,t),i.addEventListener(`click`,r),n.append(i)};r(`+`,`Zoom in`,()=>t.zoomBy(1)),r(`−`,`Zoom out`,()=>t.zoomBy(-1)),r(`⤢`,`Show the whole city`,()=>t.fit(t.city.bounds)),e.append(n)}var v=`layout(std140) uniform driversUniforms {
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
`,y={name:`drivers`,vs:v,fs:v,uniformTypes:{now:`f32`,radius:`f32`,pixel:`f32`,arrow:`f32`,selected:`f32`,opacity:`f32`,fadeFrom:`f32`,fadeTo:`f32`,faded:`f32`,quiet:`f32`,rim:`vec4<f32>`,accent:`vec4<f32>`,offline:`vec4<f32>`,idle:`vec4<f32>`,reserved:`vec4<f32>`,toPickup:`vec4<f32>`,waiting:`vec4<f32>`,onTrip:`vec4<f32>`}},ee=`#version 300 es
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
`,b=`#version 300 es
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
`,x=.25,te=.72,ne=5.5,re=1.15,ie=9,S=4e3,C=14.2,w=class extends d{static layerName=`DriversLayer`;static defaultProps={selected:{type:`object`,value:null,optional:!0},size:1,grows:!0};initializeState(){this.setState({model:this.makeModel(),buffer:null})}updateState(e){super.updateState(e),e.props.store!==e.oldProps.store&&this.dropBuffer()}finalizeState(e){this.dropBuffer(),super.finalizeState(e)}getModels(){return this.state?.model?[this.state.model]:[]}getNumInstances(){return this.props.store.count}draw(){let{store:e}=this.props,{model:t}=this.state;e.count!==0&&(this.upload(t),t.setInstanceCount(e.count),t.shaderInputs.setProps({drivers:this.uniforms()}),t.draw(this.context.renderPass))}uniforms(){let{store:e,palette:t,selected:n,size:r,grows:i,opacity:a}=this.props,{zoom:o}=this.context.viewport,s=(i?T(o,e.count):ne)*r,c=i?Math.min(1,Math.max(0,(o-C)/1)):1;return{now:e.seconds(performance.now()),radius:s,pixel:1/(s*Math.min(window.devicePixelRatio,2)),arrow:c,selected:n===null?-1:e.slotOf(n),opacity:a,fadeFrom:10,fadeTo:30,faded:x,quiet:i?te:1,...t.drivers}}upload(e){let{store:t}=this.props,{bytes:n}=t.block,r=t.takeChanges(),{buffer:i}=this.state;if(i===null||i.byteLength<n.byteLength){i?.destroy();let t=this.context.device.createBuffer({id:`${this.id}-entries`,data:n});this.state.buffer=t,e.setAttributes({entries:t})}else if(r!==null){let e=r.from*32;i.write(n.subarray(e,r.to*32),e)}}dropBuffer(){this.state.buffer?.destroy(),this.state.buffer=null}makeModel(){return new g(this.context.device,{...this.getShaders({vs:ee,fs:b,modules:[f,y]}),id:this.props.id,bufferLayout:[{name:`entries`,byteStride:32,stepMode:`instance`,attributes:[{attribute:`instanceFrom`,format:`float32x2`,byteOffset:0},{attribute:`instanceTo`,format:`float32x2`,byteOffset:8},{attribute:`instanceTimes`,format:`float32x3`,byteOffset:16},{attribute:`instanceLook`,format:`unorm8x4`,byteOffset:28}]}],geometry:new s({topology:`triangle-strip`,attributes:{positions:{size:2,value:new Float32Array([-1,-1,1,-1,-1,1,1,1])}}}),isInstanced:!0})}};function T(e,t){let n=Math.min(1,Math.sqrt(S/Math.max(1,t))),r=Math.min(1,Math.max(0,(e-13.7)/2)),i=2.9*1.42**(e-13);return Math.min(ie,Math.max(re,i*(n+(1-n)*r)))}function E(e,t){let{origin:n}=t.store;return new w({id:e,coordinateSystem:`cartesian`,coordinateOrigin:[n[0],n[1],0],...t})}var D=.18;function O(e,t,n){e.tabIndex=0,e.setAttribute(`role`,`application`),e.setAttribute(`aria-label`,`${n}. Arrow keys move, plus and minus zoom, 0 shows everything.`),e.addEventListener(`keydown`,n=>{!(n.target===e||n.target instanceof HTMLCanvasElement)||n.ctrlKey||n.metaKey||n.altKey||k(t,n.key)&&n.preventDefault()})}function k(e,t){switch(t){case`ArrowLeft`:return e.panBy(-.18,0),!0;case`ArrowRight`:return e.panBy(D,0),!0;case`ArrowUp`:return e.panBy(0,D),!0;case`ArrowDown`:return e.panBy(0,-.18),!0;case`+`:case`=`:return e.zoomBy(1),!0;case`-`:case`_`:return e.zoomBy(-1),!0;case`0`:return e.fit(e.city.bounds),!0;default:return!1}}var A=3,j=class{store;constructor(e){this.store=new r(e,16)}layers(e,t){let r=e.filter(e=>e.kind===`driver`),a=performance.now();return this.store.keepTiles(new Set),r.forEach(({lat:e,lon:t,heading:r=0},o)=>{let s=Math.round((r%360+360)%360/(360/256))%256;this.store.put(o,i(t),n(e),s,A,0,0,a)}),[E(`marked-drivers`,{store:this.store,palette:t,size:1.9,grows:!1})]}};function M(e,t){let n=e.filter(e=>e.kind!==`driver`),r=e.filter(e=>e.label!==void 0),i=e=>e.kind===`pickup`;return[new l({id:`stops`,data:n,getPosition:({lon:e,lat:t})=>[e,t],radiusUnits:`pixels`,lineWidthUnits:`pixels`,stroked:!0,getRadius:7,getLineWidth:3.5,getFillColor:e=>i(e)?t.ground:t.ink,getLineColor:e=>i(e)?t.accent:t.ground,updateTriggers:{getFillColor:t,getLineColor:t}}),...r.length===0?[]:[N(r,t)]]}function N(e,t){return new h({id:`stop-labels`,data:e,getPosition:({lon:e,lat:t})=>[e,t],getText:({label:e})=>e??``,getPixelOffset:[0,-22],getSize:13,getColor:t.label,fontFamily:`system-ui, "Segoe UI", Roboto, sans-serif`,fontWeight:600,fontSettings:{sdf:!1},background:!0,backgroundPadding:[7,3,7,3],getBackgroundColor:[t.ground[0],t.ground[1],t.ground[2],235],characterSet:`auto`})}function P(e,t){if(e===null||e.length<2)return[];let n=(t,n,r)=>new p({id:t,data:[e],getPath:e=>e,getColor:n,getWidth:r,widthUnits:`pixels`,jointRounded:!0,capRounded:!0,antialiasing:!0});return[n(`route-rim`,t.ground,9),n(`route`,t.accent,5)]}var F=2e3,I=class{ends=[];costs=[];began=0;begin(){this.began=performance.now()}end(){let e=performance.now();for(this.ends.push(e),this.costs.push(e-this.began);this.ends.length>0&&e-this.ends[0]>F;)this.ends.shift(),this.costs.shift()}fps(){let e=performance.now(),t=this.ends.filter(t=>e-t<=F).length;return Math.round(t*1e3/F)}scriptMs(){return this.costs.length===0?0:this.costs.reduce((e,t)=>e+t,0)/this.costs.length}};function L(){let t=(t,n=1)=>e(t,n).map(e=>e/255);return{roads:[`--map-freeway`,`--map-arterial`,`--map-street`,`--map-residential`].map(t=>e(t)),ink:e(`--ink`),inkSoft:e(`--ink-3`),ground:e(`--map-ground`),accent:e(`--accent`),label:e(`--map-label`),surge:[1,2,3,4,5].map(t=>e(`--surge-${t}`)),trips:[`--ink`,`--state-reserved`,`--state-to-pickup`,`--state-waiting`,`--state-on-trip`].map(t=>e(t)),idle:e(`--state-idle`),busy:e(`--state-on-trip`),drivers:{rim:t(`--map-ground`,.85),accent:t(`--accent`),offline:t(`--state-offline`),idle:t(`--state-idle`),reserved:t(`--state-reserved`),toPickup:t(`--state-to-pickup`),waiting:t(`--state-waiting`),onTrip:t(`--state-on-trip`)}}}var R=6;function z(e,t){let n=new AbortController,{signal:r}=n,i=null,a=null,o=0,s=e=>e.target instanceof HTMLCanvasElement;return e.addEventListener(`pointerdown`,t=>{i=s(t)?B(e,t):null},{signal:r,capture:!0}),e.addEventListener(`click`,n=>{let r=B(e,n);i===null||!s(n)||Math.hypot(r.x-i.x,r.y-i.y)>R||t.click(r.x,r.y,n.pointerType===`touch`)},{signal:r}),e.addEventListener(`pointermove`,n=>{n.pointerType!==`touch`&&(a=s(n)&&n.buttons===0?B(e,n):null,o===0&&(o=requestAnimationFrame(()=>{o=0,t.hover(a)})))},{signal:r}),e.addEventListener(`pointerleave`,()=>t.hover(null),{signal:r}),()=>n.abort()}function B(e,t){let n=e.getBoundingClientRect();return{x:t.clientX-n.left-e.clientLeft,y:t.clientY-n.top-e.clientTop}}var V={name:`roads`,vs:`layout(std140) uniform roadsUniforms {
  float thinnest;
  float widest;
  vec4 widths;
  vec4 freeway;
  vec4 arterial;
  vec4 street;
  vec4 residential;
} roads;
`,uniformTypes:{thinnest:`f32`,widest:`f32`,widths:`vec4<f32>`,freeway:`vec4<f32>`,arterial:`vec4<f32>`,street:`vec4<f32>`,residential:`vec4<f32>`}},H=`#version 300 es
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
`,U=`#version 300 es
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
`,W=class extends d{static layerName=`StrokesLayer`;initializeState(){this.setState({model:this.makeModel(),buffer:null})}updateState(e){super.updateState(e);let{props:t,oldProps:n}=e;(this.state.buffer===null||t.version!==n.version||t.block!==n.block)&&this.upload()}finalizeState(e){this.state.buffer?.destroy(),super.finalizeState(e)}getModels(){return this.state?.model?[this.state.model]:[]}getNumInstances(){return this.props.count}draw(){let{model:e}=this.state;this.props.count!==0&&(e.setInstanceCount(this.props.count),e.shaderInputs.setProps(this.uniforms()),e.draw(this.context.renderPass))}upload(){let{block:e,count:t}=this.props,{buffer:n,model:r}=this.state;n!==null&&n.byteLength>=e.bytes.byteLength?n.write(e.bytes.subarray(0,t*20)):(n?.destroy(),this.state.buffer=this.context.device.createBuffer({id:`${this.id}-strokes`,data:e.bytes}),r.setAttributes({strokes:this.state.buffer}))}makeModel(){let{vs:e,fs:t,module:n,strip:r}=this.recipe();return new g(this.context.device,{...this.getShaders({vs:e,fs:t,modules:[f,n]}),id:this.props.id,bufferLayout:[{name:`strokes`,byteStride:20,stepMode:`instance`,attributes:[{attribute:`instanceFrom`,format:`float32x2`,byteOffset:0},{attribute:`instanceTo`,format:`float32x2`,byteOffset:8},{attribute:`instanceKind`,format:`unorm8x4`,byteOffset:16}]}],geometry:new s({topology:`triangle-strip`,attributes:{positions:{size:2,value:r}}}),isInstanced:!0})}},G=[19,13,8,6],K=1,q=15,J=class extends W{static layerName=`RoadsLayer`;recipe(){return{vs:H,fs:U,module:V,strip:new Float32Array([0,-1,1,-1,0,1,1,1])}}uniforms(){let[e,t,n,r]=this.props.palette.roads.map(e=>e.map(e=>e/255));return{roads:{thinnest:K,widest:q,widths:G,freeway:e,arterial:t,street:n,residential:r}}}};function Y(e,t){return new J({id:`roads`,coordinateSystem:`cartesian`,coordinateOrigin:[e.origin[0],e.origin[1],0],block:e.streets,count:e.streets.capacity,version:0,palette:t})}var ae=[`zones`,`roads`,`counts`,`trips`,`route`,`drivers`,`markers`,`labels`],oe=28,X=18.5,Z=2,Q=220,$=600,se=class{city;meter=new I;typeScale=Number.parseFloat(getComputedStyle(document.documentElement).fontSize)/16;palette=L();container;deck;layers=new Map;repaints=[];moves=[];stops=[];view;animated=!1;fitted=!0;constructor(e,n,r={}){if(!ce())throw Error(`this browser does not offer WebGL 2`);this.container=e,this.city=n,this.view=this.viewOf(n.bounds);let i=this.view.zoom-Z;this.deck=new m({parent:e,views:new o({id:`map`,repeat:!1}),initialViewState:{...this.view,minZoom:i,maxZoom:X},controller:r.interactive!==!1&&{dragRotate:!1,touchRotate:!1,keyboard:!1},deviceProps:{webgl:{antialias:!1}},useDevicePixels:Math.min(window.devicePixelRatio,2),_pickable:!1,parameters:{depthWriteEnabled:!1,depthCompare:`always`},onViewStateChange:({viewState:e,interactionState:t})=>{let{longitude:n,latitude:r,zoom:i}=e;this.view={longitude:n,latitude:r,zoom:i},(t.isDragging||t.isZooming||t.isPanning)&&(this.fitted=!1),this.moves.forEach(e=>e())},onLoad:()=>this.adopt(),onBeforeRender:()=>this.meter.begin(),onAfterRender:()=>this.meter.end()}),this.paintRoads(),this.stops.push(t(()=>this.repaint()));let a=new ResizeObserver(()=>this.resized());a.observe(e),this.stops.push(()=>a.disconnect())}set(e,t){this.layers.set(e,t),this.deck.setProps({layers:ae.flatMap(e=>this.layers.get(e)??[])})}animate(e){e!==this.animated&&(this.animated=e,this.deck.setProps({_animate:e}))}onRepaint(e){this.repaints.push(e)}onMove(e){this.moves.push(e)}onPointer(e){this.stops.push(z(this.container,{click:(t,n,r)=>e.click?.(this.pointerAt(t,n,r)),hover:t=>e.hover?.(t===null?null:this.pointerAt(t.x,t.y,!1))}))}setCursor(e){let t=this.deck.getCanvas();t!==null&&t.style.cursor!==e&&(t.style.cursor=e)}bounds(){let[e,t,n,r]=this.viewport().getBounds();return{west:e,south:t,east:n,north:r}}get zoom(){return this.view.zoom}viewport(){let{width:e,height:t}=this.size();return new c({...this.view,width:e,height:t})}fit(e){this.fitted=e===this.city.bounds,this.go(this.viewOf(e),$)}flyTo(e,t=this.view.zoom){this.fitted=!1,this.go({longitude:e.lon,latitude:e.lat,zoom:t},$)}zoomBy(e){this.fitted=!1,this.go({...this.view,zoom:Math.min(X,this.view.zoom+e)},Q)}panBy(e,t){this.fitted=!1;let{width:n,height:r}=this.size(),[i,a]=this.viewport().unproject([n*(.5+e),r*(.5-t)]);this.go({...this.view,longitude:i,latitude:a},Q)}destroy(){this.stops.forEach(e=>e()),this.deck.finalize()}adopt(){let e=this.deck.getCanvas();e!==null&&(e.tabIndex=-1,e.addEventListener(`webglcontextlost`,()=>{let e=document.createElement(`p`);e.className=`map__message`,e.textContent=`The graphics card was reset. Reload the page to see the map again.`,this.container.append(e)}))}go(e,t){let n=Math.abs(e.zoom-this.view.zoom)>1.5,r=matchMedia(`(prefers-reduced-motion: reduce)`).matches,i=n?new a:new u([`longitude`,`latitude`,`zoom`]),o=this.viewOf(this.city.bounds).zoom-Z,s={...e,zoom:Math.max(o,e.zoom),minZoom:o,maxZoom:X};this.view=e,this.deck.setProps({initialViewState:r?s:{...s,transitionDuration:t,transitionInterpolator:i}}),this.moves.forEach(e=>e())}resized(){this.fitted?this.go(this.viewOf(this.city.bounds),0):this.moves.forEach(e=>e())}viewOf({west:e,south:t,east:n,north:r}){let{width:i,height:a}=this.size(),o=Math.min(oe,i/8,a/8),{longitude:s,latitude:l,zoom:u}=new c({width:i,height:a,longitude:0,latitude:0,zoom:1}).fitBounds([[e,t],[n,r]],{padding:o,maxZoom:16.5});return{longitude:s,latitude:l,zoom:u}}size(){return{width:Math.max(1,this.container.clientWidth),height:Math.max(1,this.container.clientHeight)}}pointerAt(e,t,n){let[r,i]=this.viewport().unproject([e,t]);return{x:e,y:t,lon:r,lat:i,touch:n}}paintRoads(){this.set(`roads`,[Y(this.city,this.palette)])}repaint(){this.palette=L(),this.paintRoads(),this.repaints.forEach(e=>e(this.palette))}};function ce(){let e=document.createElement(`canvas`).getContext(`webgl2`);return e?.getExtension(`WEBGL_lose_context`)?.loseContext(),e!==null}export{M as a,_ as c,P as i,W as n,O as o,j as r,E as s,se as t};