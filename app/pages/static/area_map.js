// Areas in a form, drawn on a map. The field of lines is what is sent: this script draws its lines and writes lines into
// it, so that without it, or without a map, one types the same. A line: NAME, NAME=ID of a place, west,south,east,north,
// or corners as lon,lat lon,lat lon,lat; before the last two may stand NAME=. As app/accounts/area_input.py reads them.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  const block = document.querySelector('[data-areas]');
  if (!FloodMap || !block || !Array.prototype.flat) return;

  const L = window.L;
  const words = FloodMap.words;
  const NUMBER = '[+-]?[0-9.]+';
  const BOX = new RegExp('^' + NUMBER + '(\\s*,\\s*' + NUMBER + '){3}$');
  const CORNERS = new RegExp('^' + NUMBER + ',' + NUMBER + '(\\s+' + NUMBER + ',' + NUMBER + ')*$');
  const PLACES = 5; // about a metre
  const NEAR_PX = 14; // so near to the first corner a press closes the area
  const STEP_PX = 10;
  const MOST_HANDLES = 30;
  const AFTER_MS = 300;
  const TOWN_ZOOM = 12;
  const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  const field = block.querySelector('textarea');
  const tools = block.querySelector('.area-tools');
  const element = tools.querySelector('.map');
  const told = tools.querySelector('[role=status].told');
  const list = tools.querySelector('ul.area-list');
  const finder = tools.querySelector('input');
  const buttons = {};
  tools.querySelectorAll('button[data-act]').forEach(function (button) { buttons[button.dataset.act] = button; });
  const known = JSON.parse(block.dataset.outlines);
  const most = Number(block.dataset.most);

  tools.hidden = false;
  const made = FloodMap.create(element, words('area_map'), words('area_map_help'));
  const map = made.map;
  const shapes = L.layerGroup();
  const handles = L.layerGroup();
  const sketch = L.layerGroup();
  let drawing = null; // {kind, corners}
  let selected = '';

  function tell(key, values) { told.textContent = words(key, values); }

  function lines() {
    return field.value.split('\n').map(function (line) { return line.trim(); }).filter(function (line, at, all) {
      return line && all.indexOf(line) === at;
    });
  }

  // What a line means: {name, isNamed, bbox | ring | circle | polygon}; null for what only the server can tell.
  function areaOf(line) {
    if (Object.prototype.hasOwnProperty.call(known, line)) {
      const area = known[line];
      return Object.assign({ isNamed: true }, area, area.is_place ? {} : parse(line));
    }
    return parse(line);
  }

  function parse(line) {
    const at = line.lastIndexOf('=');
    const extent = line.slice(at + 1).trim();
    const about = { name: at > 0 ? line.slice(0, at).trim() : line, isNamed: at > 0 };
    if (BOX.test(extent)) {
      const box = extent.split(',').map(Number);
      const isBox = inRange(box[0], box[1]) && inRange(box[2], box[3]) && box[1] < box[3] && box[0] !== box[2];
      return isBox ? Object.assign(about, { bbox: box }) : null;
    }
    if (!CORNERS.test(extent)) return null;
    const ring = extent.split(/\s+/).map(function (corner) { return corner.split(',').map(Number); });
    const isRing = ring.length > 2 && ring.every(function (corner) { return inRange(corner[0], corner[1]); });
    return isRing ? Object.assign(about, { ring: ring }) : null;
  }

  function inRange(lon, lat) { return Math.abs(lon) <= 180 && Math.abs(lat) <= 90; }

  function lineOf(area) {
    const extent = area.bbox ? area.bbox.map(short).join(',') : area.ring.map(function (corner) { return corner.map(short).join(','); }).join(' ');
    return area.isNamed ? area.name + '=' + extent : extent;
  }

  function short(degrees) { return String(Number(degrees.toFixed(PLACES))); }

  function write(changed) {
    field.value = changed.join('\n');
    render();
  }

  // A longitude from -180 to 180; an eastern edge is 180 and never -180.
  function wrapped(lon, isEast) {
    const turned = ((lon + 180) % 360 + 360) % 360 - 180;
    return isEast && turned === -180 ? 180 : turned;
  }

  function layerOf(area) {
    const look = { className: 'map-own', interactive: false };
    if (area.bbox) return L.rectangle(boundsOf(area.bbox), look);
    if (area.circle) return L.circle([area.circle[0], area.circle[1]], Object.assign({ radius: area.circle[2] * 1000 }, look));
    if (area.ring) return L.polygon(area.ring.map(latLng), look);
    const polygons = area.polygon.type === 'Polygon' ? [area.polygon.coordinates] : area.polygon.coordinates;
    return L.polygon(polygons.map(function (rings) { return rings.map(function (ring) { return ring.map(latLng); }); }), look);
  }

  function latLng(corner) { return [corner[1], corner[0]]; }

  // A box over the date line is drawn in one piece.
  function boundsOf(box) { return [[box[1], box[0]], [box[3], box[2] < box[0] ? box[2] + 360 : box[2]]]; }

  function render() {
    shapes.clearLayers();
    list.textContent = '';
    lines().forEach(function (line) {
      const area = areaOf(line);
      const layer = area ? layerOf(area).addTo(shapes) : null;
      if (layer && line === selected && layer.getElement()) layer.getElement().classList.add('chosen');
      list.appendChild(entry(line, area, layer));
    });
    showHandles();
  }

  function entry(line, area, layer) {
    const item = FloodMap.element('li');
    const name = area ? area.name : line;
    const title = item.appendChild(FloodMap.element('span', 'area-name', name));
    title.dir = 'auto';
    if (!area) title.prepend(FloodMap.element('span', 'soft', words('area_not_shown') + ' '));
    const buttons = item.appendChild(FloodMap.element('span', 'area-acts'));
    if (area) {
      buttons.appendChild(button('area_show', name, function () {
        selected = line;
        render();
        look(layer.getBounds());
      }));
    }
    buttons.appendChild(button('area_remove', name, function () {
      write(lines().filter(function (one) { return one !== line; }));
      tell('area_removed', { name: name });
      finder.focus();
    }));
    return item;
  }

  function button(key, name, act) {
    const made = FloodMap.element('button', 'button quiet', words(key));
    made.type = 'button';
    made.setAttribute('aria-label', words(key) + ': ' + name);
    made.addEventListener('click', act);
    return made;
  }

  function look(bounds) { map.fitBounds(bounds, { padding: [30, 30], maxZoom: 15, animate: false }); }

  // Corners that can be moved, of the area that was chosen last.
  function showHandles() {
    handles.clearLayers();
    const area = lines().indexOf(selected) >= 0 ? areaOf(selected) : null;
    if (!area || area.is_place || drawing) return;
    const corners = area.bbox ? cornersOf(area.bbox) : area.ring || [];
    if (corners.length > MOST_HANDLES) return;
    corners.forEach(function (corner, at) { handle(area, corner, at); });
  }

  function cornersOf(box) {
    const east = box[2] < box[0] ? box[2] + 360 : box[2];
    return [[box[0], box[1]], [east, box[1]], [east, box[3]], [box[0], box[3]]];
  }

  function handle(area, corner, at) {
    const icon = L.divIcon({ className: 'map-corner', iconSize: [44, 44] });
    const place = latLng(corner);
    const mark = L.marker(place, { icon: icon, draggable: true, keyboard: true }).addTo(handles);
    const node = mark.getElement();
    node.setAttribute('aria-label', words('area_corner', { number: at + 1, name: area.name }));
    mark.on('dragend', function () { move(area, at, mark.getLatLng()); });
    node.addEventListener('keydown', function (event) {
      const step = MOVES[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const px = STEP_PX * (event.shiftKey ? 5 : 1);
      const to = map.latLngToLayerPoint(mark.getLatLng()).add([step[0] * px, step[1] * px]);
      if (move(area, at, map.layerPointToLatLng(to))) focusHandle(at);
    });
  }

  function focusHandle(at) {
    const node = element.querySelectorAll('.map-corner')[at];
    if (node) node.focus();
  }

  function move(area, at, to) {
    const before = selected;
    const changed = area.bbox ? boxBetween(oppositeOf(area.bbox, at), to) : shifted(area.ring, at, to);
    if (!changed) { render(); return false; }
    selected = lineOf(Object.assign({}, area, changed));
    write(lines().map(function (line) { return line === before ? selected : line; }));
    tell('area_moved', { name: areaOf(selected).name });
    return true;
  }

  function oppositeOf(box, at) { return L.latLng(latLng(cornersOf(box)[(at + 2) % 4])); }

  function shifted(ring, at, to) {
    return whole(ring.map(function (corner, number) { return number === at ? [to.lng, to.lat] : corner; }));
  }

  // The box between two corners, or null if it has no inside.
  function boxBetween(one, other) {
    const west = Math.min(one.lng, other.lng);
    const east = Math.max(one.lng, other.lng);
    const south = Math.max(-90, Math.min(one.lat, other.lat));
    const north = Math.min(90, Math.max(one.lat, other.lat));
    const box = east - west >= 360 ? [-180, south, 180, north] : [wrapped(west), south, wrapped(east, true), north];
    const isFlat = short(box[1]) === short(box[3]) || short(box[0]) === short(box[2]);
    if (isFlat) tell('area_flat');
    return isFlat ? null : { bbox: box };
  }

  // The polygon of corners, or null if it has no inside or crosses the date line, as the server refuses it too.
  function whole(corners) {
    const lons = corners.map(function (corner) { return corner[0]; });
    const turn = Math.floor((Math.min.apply(null, lons) + 180) / 360) * 360;
    if (Math.max.apply(null, lons) - turn > 180) { tell('area_crosses'); return null; }
    const ring = corners.map(function (corner) { return [Number(short(corner[0] - turn)), Number(short(corner[1]))]; });
    const doubled = ring.reduce(function (sum, corner, at) {
      const next = ring[(at + 1) % ring.length];
      return sum + corner[0] * next[1] - next[0] * corner[1];
    }, 0);
    if (Math.abs(doubled) < 1e-9) { tell('area_flat'); return null; }
    return { ring: ring };
  }

  function add(line, name) {
    const present = lines();
    if (present.indexOf(line) < 0 && present.length >= most) { tell('area_many'); return; }
    selected = line;
    write(present.indexOf(line) < 0 ? present.concat(line) : present);
    tell('area_added', { name: name });
  }

  function newName() {
    const names = lines().map(function (line) { return (areaOf(line) || {}).name; });
    let number = 1;
    while (names.indexOf(words('area_drawn', { number: number })) >= 0) number += 1;
    return words('area_drawn', { number: number });
  }

  function begin(kind) {
    drawing = { kind: kind, corners: [] };
    map.doubleClickZoom.disable();
    element.classList.add('drawing');
    buttons.stop.hidden = false;
    buttons.finish.hidden = kind === 'box';
    tell('area_first');
    showHandles();
    element.focus({ preventScroll: true });
  }

  function stop() {
    drawing = null;
    sketch.clearLayers();
    map.doubleClickZoom.enable();
    element.classList.remove('drawing');
    buttons.stop.hidden = buttons.finish.hidden = true;
    showHandles();
  }

  function setCorner(at) {
    const corners = drawing.corners;
    if (drawing.kind === 'polygon' && corners.length > 2 && isNear(corners[0], at)) { finish(); return; }
    // The map may have turned by a whole round since the corner before.
    const before = corners[corners.length - 1];
    corners.push(before ? L.latLng(at.lat, at.lng + 360 * Math.round((before.lng - at.lng) / 360)) : at);
    if (drawing.kind === 'box' && corners.length === 2) { finish(); return; }
    preview(at);
    tell(drawing.kind === 'box' ? 'area_second' : 'area_next', { count: corners.length });
  }

  function isNear(one, other) { return map.latLngToLayerPoint(one).distanceTo(map.latLngToLayerPoint(other)) <= NEAR_PX; }

  function preview(at) {
    const corners = drawing.corners;
    const look = { className: 'map-sketch', interactive: false };
    sketch.clearLayers();
    if (!corners.length) return;
    if (drawing.kind === 'box') L.rectangle([corners[0], at], look).addTo(sketch);
    else L.polyline(corners.concat(at), look).addTo(sketch);
    L.circleMarker(corners[0], Object.assign({ radius: 6 }, look)).addTo(sketch);
  }

  function finish() {
    const drawn = drawing;
    const isEnough = drawn.corners.length >= (drawn.kind === 'box' ? 2 : 3);
    if (!isEnough) { tell('area_next', { count: drawn.corners.length }); return; }
    stop();
    const extent = drawn.kind === 'box' ? boxBetween(drawn.corners[0], drawn.corners[1])
      : whole(drawn.corners.map(function (corner) { return [corner.lng, corner.lat]; }));
    if (!extent) return;
    const name = newName();
    add(lineOf(Object.assign({ name: name, isNamed: true }, extent)), name);
  }

  buttons.box.addEventListener('click', function () { begin('box'); });
  buttons.polygon.addEventListener('click', function () { begin('polygon'); });
  buttons.finish.addEventListener('click', finish);
  buttons.stop.addEventListener('click', function () {
    stop();
    tell('area_stopped');
    buttons.box.focus();
  });
  map.on('click', function (event) { if (drawing) setCorner(event.latlng); });
  map.on('mousemove', function (event) { if (drawing) preview(event.latlng); });
  element.addEventListener('keydown', function (event) {
    if (!drawing || event.target !== element) return;
    if (event.key === 'Enter') setCorner(map.getCenter());
    else if (event.key === 'Escape') buttons.stop.click();
    else return;
    event.preventDefault();
  });
  const cross = element.appendChild(FloodMap.element('span', 'map-cross'));
  cross.setAttribute('aria-hidden', 'true');

  let timer = 0;
  field.addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(render, AFTER_MS);
  });
  finder.addEventListener('floodmanager:place-chosen', function (event) {
    const place = event.detail;
    const line = place.name + '=' + place.id;
    const extent = place.extent;
    event.preventDefault();
    known[line] = Object.assign({ name: place.name, is_place: true }, extent.bbox ? { bbox: extent.bbox } : { circle: [place.lat, place.lon, extent.radius_km] });
    add(line, place.name);
    const layer = layerOf(known[line]).addTo(map); // only there a circle knows its bounds
    look(layer.getBounds());
    layer.remove();
    finder.value = '';
  });
  // Enter in this field sends no form: it has no name, and chooses among what is suggested.
  finder.addEventListener('keydown', function (event) { if (event.key === 'Enter') event.preventDefault(); });

  const start = (block.dataset.start || '').split(',').map(Number);
  [shapes, handles, sketch].forEach(function (group) { group.addTo(map); });
  if (start.length === 4) map.fitBounds([[start[1], start[0]], [start[3], start[2]]], { animate: false });
  else if (start.length === 2) map.setView(start, TOWN_ZOOM);
  else map.setView([20, 0], 1);
  render();
  const all = shapes.getLayers().map(function (layer) { return layer.getBounds(); });
  if (all.length) look(all.reduce(function (sum, bounds) { return sum.extend(bounds); }, L.latLngBounds(all[0].getSouthWest(), all[0].getNorthEast())));
  made.ready.then(function () { element.dataset.ready = 'true'; });
})();
