import{a as e,c as t,i as n,n as r,o as i,s as a,t as o}from"./scene-lBjTQUTS.js";import{i as s,n as c,t as l}from"./deck-BdbRpwFz.js";import{C as u,S as d,w as f,x as p}from"./rides-CW_EW5yD.js";import{n as m,r as h,t as g}from"./index-Gux_AEEZ.js";function _(e,t,n){let r=Math.min(1,Math.max(0,t))*(e.length-1),i=Math.min(e.length-2,Math.floor(r));return v(e[i],e[i+1],r-i,n)}function v(e,t,n,r){let i=r=>Math.round(e[r]+(t[r]-e[r])*n);return[i(0),i(1),i(2),Math.round(r*255)]}var y=.3;function b(e,t,n){let r=e.cellCount;if(r===0)return[];let i=new Float32Array(r*2),a=new Float32Array(r),o=new Uint8Array(r*4),c=1;e.each((e,t,n,r)=>c=Math.max(c,n+r));let l=0;return e.each((r,s,u,d)=>{let f=u+d;i[l*2]=r-n[0],i[l*2+1]=s-n[1],a[l]=f===0?0:e.cellSize*.5*Math.max(y,Math.sqrt(f/c)),o.set(v(t.idle,t.busy,d/Math.max(1,f),.85),l*4),l+=1}),[new s({id:`counts`,coordinateSystem:`cartesian`,coordinateOrigin:[n[0],n[1],0],data:{length:r,attributes:{getPosition:{value:i,size:2},getRadius:{value:a,size:1},getFillColor:{value:o,size:4,normalized:!0}}},positionFormat:`XY`,radiusUnits:`common`,radiusMinPixels:.8})]}var x={name:`trips`,vs:`layout(std140) uniform tripsUniforms {
  float strength;
  vec4 requested;
  vec4 offered;
  vec4 matched;
  vec4 arrived;
  vec4 started;
} trips;
`,uniformTypes:{strength:`f32`,requested:`vec4<f32>`,offered:`vec4<f32>`,matched:`vec4<f32>`,arrived:`vec4<f32>`,started:`vec4<f32>`}},S=`#version 300 es
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
`,C=`#version 300 es
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
`,w=2,T=.62,E=16e3,D=.1,O=12,k=class extends r{static layerName=`TripsLayer`;recipe(){let e=Array.from({length:13},(e,t)=>[t/O,-1,t/O,1]);return{vs:S,fs:C,module:x,strip:new Float32Array(e.flat())}}uniforms(){let{palette:e,count:t}=this.props,{width:n,height:r}=this.context.viewport,i=Math.min(1,Math.sqrt(n*r/E/t)),[a,o,s,c,l]=e.trips.map(e=>e.map(e=>e/255));return{trips:{strength:Math.max(D,T*i),requested:a,offered:o,matched:s,arrived:c,started:l}}}};function A(e,t){let{block:n,count:r,version:i}=e;if(r===0)return[];let a={coordinateSystem:`cartesian`,coordinateOrigin:[e.origin[0],e.origin[1],0]};return[new k({id:`trips`,...a,block:n,count:r,version:i,palette:t}),new s({id:`searching`,...a,data:j(e,t),positionFormat:`XY`,filled:!1,stroked:!0,radiusUnits:`pixels`,lineWidthUnits:`pixels`,getRadius:3.5,getLineWidth:1.6})]}function j({block:e,count:t},n){let r=[];for(let n=0;n<t;n+=1)e.kind(n)<w&&r.push(n);let i=new Float32Array(r.length*2),a=new Uint8Array(r.length*4);return r.forEach((t,r)=>{i[r*2]=e.fromX(t),i[r*2+1]=e.fromY(t),a.set(n.trips[e.kind(t)]??n.ink,r*4)}),{length:r.length,attributes:{getPosition:{value:i,size:2},getLineColor:{value:a,size:4,normalized:!0}}}}var M=.3,N=110,P=13,F=12.2;function I(e,t,n,r,i){if(t===`none`||e.length===0)return[];let a=h(e),o=[n.inkSoft[0],n.inkSoft[1],n.inkSoft[2],46];return[new c({id:`zones`,data:e,opacity:Math.max(M,Math.min(1,(16.5-i)/3)),getPolygon:({ring:e})=>e,getFillColor:e=>{let r=m(e,t,a);return r<=0?[0,0,0,0]:_(n.surge,r,.3+.35*Math.min(1,r))},getLineColor:o,getLineWidth:1,lineWidthUnits:`pixels`,_subLayerProps:{stroke:{antialiasing:!0}},updateTriggers:{getFillColor:[r,t,n],getLineColor:n}})]}function L(e,t,n,r,i){if(t===`none`||r<F)return[];let a=e.filter(e=>t===`surge`?e.surge>=N:e.demand>0);return[new l({id:`zone-labels`,data:a,getPosition:({ring:e})=>R(e),getText:e=>t===`surge`?`${(e.surge/100).toFixed(1)}×`:String(Math.round(e.demand)),getSize:P*i,getColor:n.label,fontFamily:`system-ui, "Segoe UI", Roboto, sans-serif`,fontWeight:600,fontSettings:{sdf:!0,fontSize:48,radius:10},outlineWidth:3,outlineColor:n.ground,characterSet:`×.0123456789`})]}function R(e){let t=Math.max(1,e.length),n=e.reduce(([e,t],[n,r])=>[e+n,t+r],[0,0]);return[n[0]/t,n[1]/t]}var z=10,B=22,V=class{scene;live;shown;constructor(e,t,n){this.scene=e,this.live=t,this.shown=n}pick(e,t){let n=p(e.lon),r=d(e.lat),i=(e.touch?B:z)/2**this.scene.zoom;return this.driver(n,r,i)??this.trip(n,r,i)??(t?this.zone(e.lon,e.lat):null)}driver(e,t,n){let{drivers:r,mode:i}=this.live;if(!this.shown.drivers||i!==`points`)return null;let a=r.nearest(e,t,n,performance.now());return a<0?null:{kind:`driver`,id:String(r.idAt(a))}}trip(e,t,n){if(!this.shown.trips)return null;let r=this.live.trips.nearest((n,r)=>Math.hypot(p(n)-e,d(r)-t),n);return r===null?null:{kind:`trip`,id:r.id}}zone(e,t){if(this.shown.zones===`none`)return null;for(let{zone:n,ring:r}of this.live.zones.values())if(g(r,e,t))return{kind:`zone`,id:n};return null}},H=250,U=15.5,W=.1,G=class{scene;live;shown;picker;calls;selected=null;zones=[];drawn={trips:-1,counts:-1,zones:-1,zoom:0,mode:``};constructor(e,n,r,a,s){this.live=r,this.shown=a,this.calls=s,this.scene=new o(e,n),this.picker=new V(this.scene,r,a),i(e,this.scene,`Live map of the city`),t(e,this.scene),this.scene.onRepaint(()=>this.redraw()),this.scene.onMove(()=>this.look()),this.scene.onPointer({click:e=>s.pick(this.picker.pick(e,!1)),hover:e=>this.hover(e===null?null:this.picker.pick(e,!0),e?.x??0,e?.y??0)}),setInterval(()=>this.refresh(),H),this.redraw()}look(){let{west:e,south:t,east:n,north:r}=this.scene.bounds(),[i,a]=[(n-e)*W,(r-t)*W];this.calls.look({type:`view`,west:Math.max(-180,e-i),south:Math.max(-85,t-a),east:Math.min(180,n+i),north:Math.min(85,r+a),zoom:Math.min(30,Math.max(0,this.scene.zoom))})}select(e){this.selected=e,this.drawDrivers(),this.drawSelected()}goTo(e,t){let n=this.placeOf(e)??t;n!==null&&this.scene.flyTo(n,Math.max(U,this.scene.zoom))}get topDemand(){return h(this.zones)}redraw(){this.drawn={trips:-1,counts:-1,zones:-1,zoom:0,mode:``},this.drawDrivers(),this.refresh()}refresh(){let{live:e,drawn:t,scene:n}=this;e.drivers.sweep(performance.now()),t.mode!==e.mode&&this.drawDrivers(),t.counts!==e.counts.version&&this.drawCounts(),t.trips!==e.trips.version&&this.drawTrips(),t.zones!==e.zonesVersion&&this.drawZones(),Math.floor(t.zoom*4)!==Math.floor(n.zoom*4)&&this.drawZones(),n.animate(this.shown.drivers&&e.mode===`points`&&e.drivers.count>0)}drawDrivers(){let{live:e,scene:t,shown:n,selected:r}=this;this.drawn.mode=e.mode;let i=n.drivers&&e.mode===`points`,o=r?.kind===`driver`?Number(r.id):this.selectedTrip()?.driver??0,s=a(`drivers`,{store:e.drivers,palette:t.palette,size:t.typeScale,selected:o===0?null:o});t.set(`drivers`,i?[s]:[])}drawCounts(){let{live:e,scene:t,shown:n}=this;this.drawn.counts=e.counts.version,t.set(`counts`,n.drivers?b(e.counts,t.palette,t.city.origin):[])}drawTrips(){let{live:e,scene:t,shown:n}=this;this.drawn.trips=e.trips.version,t.set(`trips`,n.trips?A(e.trips,t.palette):[]),this.drawSelected()}drawZones(){let{live:e,scene:t,shown:n}=this;this.drawn.zones=e.zonesVersion,this.drawn.zoom=t.zoom,this.zones.length===e.zones.size&&this.zones.every(({zone:t})=>e.zones.has(t))?this.zones.forEach(t=>Object.assign(t,e.zones.get(t.zone))):this.zones=[...e.zones.values()].map(e=>({...e})),t.set(`zones`,I(this.zones,n.zones,t.palette,e.zonesVersion,t.zoom)),t.set(`labels`,L(this.zones,n.zones,t.palette,t.zoom,t.typeScale))}drawSelected(){let{scene:t}=this,r=this.selectedTrip(),i=r===null?[]:[[r.pickupLon,r.pickupLat],[r.dropoffLon,r.dropoffLat]],[a,o]=i;t.set(`route`,n(i,t.palette));let s=a&&o?[[`pickup`,`Pickup`,a],[`dropoff`,`Drop-off`,o]]:[];t.set(`markers`,e(s.map(([e,t,[n,r]])=>({id:e,kind:e,label:t,lon:n,lat:r})),t.palette))}selectedTrip(){let{selected:e,live:t}=this;return e===null||e.kind===`zone`?null:e.kind===`trip`?t.trips.byId(e.id):t.trips.ofDriver(Number(e.id))}placeOf(e){let{drivers:t,trips:n}=this.live;if(e.kind===`driver`){let n=t.slotOf(Number(e.id)),r=n<0?null:t.shownAt(n,performance.now());return r===null?null:{lat:u(r.y),lon:f(r.x)}}let r=n.byId(e.id);return r===null?null:{lat:r.pickupLat,lon:r.pickupLon}}hover(e,t,n){this.scene.setCursor(e!==null&&e.kind!==`zone`?`pointer`:`grab`),this.calls.hover(e,t,n)}};export{G as CityMap};