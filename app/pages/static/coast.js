// Draws land below all else, from the squares in app/pages/static/coast; infra/coast.py says how they are written.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  if (!FloodMap) return;

  const L = window.L;
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  // Draws what the index names, which is on its way. Answers a promise, kept when the first view is drawn.
  FloodMap.coast = function (map, index) {
    map.createPane('land').setAttribute('aria-hidden', 'true');
    const renderer = L.svg({ pane: 'land', padding: 0.5 });
    const drawn = new Map();
    const loaded = {};
    let levels = [];
    let base = '';

    function load(level, x, y) {
      const wrapped = ((x % level.across) + level.across) % level.across;
      const what = level.squares[wrapped + '-' + y];
      const edge = [-level.margin, level.units + level.margin];
      if (what === 'land') return Promise.resolve([[[edge[0], edge[0]], [edge[1], edge[0]], [edge[1], edge[1]], [edge[0], edge[1]]]]);
      if (!what || what === 'sea') return Promise.resolve([]);
      const url = new URL('../../' + what + '/coast/' + level.z + '-' + wrapped + '-' + y + '.json', base).href;
      if (!loaded[url]) loaded[url] = FloodMap.fetchJson(url).then(function (got) { return got.json.map(decoded); });
      loaded[url].catch(function () { delete loaded[url]; });
      return loaded[url];
    }

    function draw(key, square) {
      drawn.set(key, null);
      return load(square.level, square.x, square.y).then(function (rings) {
        if (!drawn.has(key)) return;
        const layer = layerOf(rings, square, renderer);
        drawn.set(key, layer);
        if (layer) layer.addTo(map);
      }).catch(function (failure) {
        drawn.delete(key);
        throw failure;
      });
    }

    function update() {
      const wanted = squaresOf(map, levels);
      drawn.forEach(function (layer, key) {
        if (wanted.has(key)) return;
        if (layer) layer.remove();
        drawn.delete(key);
      });
      const begun = [];
      wanted.forEach(function (square, key) { if (!drawn.has(key)) begun.push(draw(key, square)); });
      return Promise.all(begun);
    }

    return index.then(function (got) {
      base = got.url;
      levels = got.json.levels;
      levels.forEach(function (level) { level.across = Math.pow(2, level.z); });
      // What fails while moving is asked for again by the next move.
      map.on('moveend', function () { update().catch(function () {}); });
      return update();
    });
  };

  // The squares that a view needs, by key: where the finest level has no square, a piece of the one above it.
  function squaresOf(map, levels) {
    const view = map.getBounds().pad(0.4);
    const zoom = map.getZoom();
    const fine = levels[2];
    const found = new Map();
    if (zoom < levels[1].z) {
      each(levels[0], view, function (x, y) { found.set('0/' + x + '/' + y, { level: levels[0], x: x, y: y }); });
      return found;
    }
    each(levels[1], view, function (x, y) {
      const square = { level: levels[1], x: x, y: y };
      if (zoom < fine.z || !hasFiner(levels, x, y)) found.set(square.level.z + '/' + x + '/' + y, square);
    });
    if (zoom < fine.z) return found;
    const shift = fine.z - levels[1].z;
    each(fine, view, function (x, y) {
      const parent = { level: levels[1], x: x >> shift, y: y >> shift };
      if (!hasFiner(levels, parent.x, parent.y)) return;
      const isThere = fine.squares[(x & (fine.across - 1)) + '-' + y];
      found.set(fine.z + '/' + x + '/' + y, isThere ? { level: fine, x: x, y: y } : Object.assign(parent, { part: [x, y, shift] }));
    });
    return found;
  }

  function hasFiner(levels, x, y) {
    const coarse = levels[1];
    if (!coarse.finer) {
      coarse.finer = {};
      Object.keys(levels[2].squares).forEach(function (name) {
        const at = name.split('-').map(function (part) { return part >> (levels[2].z - coarse.z); });
        coarse.finer[at.join('-')] = true;
      });
    }
    return coarse.finer[(x & (coarse.across - 1)) + '-' + y] === true;
  }

  function each(level, view, act) {
    const top = Math.max(0, row(level, view.getNorth()));
    const bottom = Math.min(level.across - 1, row(level, view.getSouth()));
    const left = Math.floor((view.getWest() + 180) / 360 * level.across);
    const right = Math.floor((view.getEast() + 180) / 360 * level.across);
    for (let x = left; x <= right; x += 1) {
      for (let y = top; y <= bottom; y += 1) act(x, y);
    }
  }

  function row(level, lat) {
    const held = Math.max(-85, Math.min(85, lat)) * Math.PI / 180;
    return Math.floor((0.5 - Math.asinh(Math.tan(held)) / (2 * Math.PI)) * level.across);
  }

  function decoded(text) {
    const ring = [];
    const last = [0, 0];
    let value = 0;
    let weight = 1;
    let axis = 0;
    for (let at = 0; at < text.length; at += 1) {
      const digit = DIGITS.indexOf(text[at]);
      value += (digit & 31) * weight;
      weight *= 32;
      if (digit >= 32) continue;
      last[axis] += value & 1 ? -(value + 1) / 2 : value / 2;
      if (axis) ring.push([last[0], last[1]]);
      axis = 1 - axis;
      value = 0;
      weight = 1;
    }
    return ring;
  }

  // Land is filled to the margin; its shore is drawn without the edges along which the square was cut.
  function layerOf(rings, square, renderer) {
    let low = [-square.level.margin, -square.level.margin];
    let high = low.map(function (value) { return square.level.units - value; });
    if (square.part) {
      const size = square.level.units >> square.part[2];
      const mask = (1 << square.part[2]) - 1;
      const slack = square.level.margin >> square.part[2];
      low = [(square.part[0] & mask) * size - slack, (square.part[1] & mask) * size - slack];
      high = low.map(function (value) { return value + size + 2 * slack; });
      rings = rings.map(function (ring) { return clipped(ring, low, high); }).filter(function (ring) { return ring.length; });
    }
    if (!rings.length) return null;
    const toPlace = function (point) { return placeOf(square, point); };
    const shore = [];
    rings.forEach(function (ring) {
      let line = [];
      ring.concat([ring[0]]).forEach(function (point, at, all) {
        if (at && isCut(all[at - 1], point, low, high)) { shore.push(line); line = []; }
        line.push(toPlace(point));
      });
      shore.push(line);
    });
    const options = { renderer: renderer, pane: 'land', interactive: false };
    return L.layerGroup([
      L.polygon(rings.map(function (ring) { return ring.map(toPlace); }), Object.assign({ className: 'map-land', stroke: false }, options)),
      L.polyline(shore.filter(function (line) { return line.length > 1; }), Object.assign({ className: 'map-shore' }, options)),
    ]);
  }

  function clipped(ring, low, high) {
    const points = ring.map(function (point) { return L.point(point[0], point[1]); });
    return L.PolyUtil.clipPolygon(points, L.bounds(low, high)).map(function (point) { return [point.x, point.y]; });
  }

  function isCut(from, to, low, high) {
    return [0, 1].some(function (axis) {
      return from[axis] === to[axis] && (to[axis] <= low[axis] || to[axis] >= high[axis]);
    });
  }

  function placeOf(square, point) {
    const size = square.level.units * square.level.across;
    const x = (square.x * square.level.units + point[0]) / size;
    const y = (square.y * square.level.units + point[1]) / size;
    return L.latLng(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI, x * 360 - 180);
  }

  FloodMap.coast.decoded = decoded;
})();
