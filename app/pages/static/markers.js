// Reports as pins and clusters, warning areas, names of towns. Severity is shown by shape, by dashes and in words, never
// by colour alone; a report that little supports yet is hollow, and its words say so. Texts of users become text nodes, never markup.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  if (!FloodMap) return;

  const L = window.L;
  // Centres stand at least this far apart, so that each 44 px target is free of its neighbours.
  const SPACING_PX = 46;
  const MOST_LISTED = 30;
  const FAR_DEGREES = 90;
  const LABEL_SHIFTS_PX = [0, 30, -30];
  const ORDER = ['unknown', 'minor', 'moderate', 'severe', 'extreme'];
  const SHAPES = {
    unknown: 'M5.5 5.5h17v17h-17z',
    minor: 'M14 4.5a9.5 9.5 0 1 1 0 19a9.5 9.5 0 1 1 0-19z',
    moderate: 'M14 2.5l11.5 11.5L14 25.5L2.500 14z',
    severe: 'M14 3l12 21.500H2z',
    extreme: 'M9.200 2.500h9.600l6.700 6.700v9.600l-6.700 6.700H9.200l-6.700-6.700V9.200z',
  };
  const SIGNS = { severe: 'M14 11v6.500M14 20.500v1', extreme: 'M14 8v7.500M14 19v1.200' };
  const DASHES = { unknown: '12 5 2 5', minor: '2 6', moderate: '10 6' };

  // The longitude, perhaps beyond 180, that is nearest to another.
  FloodMap.lonNear = function (lon, other) { return lon + 360 * Math.round((other - lon) / 360); };

  FloodMap.hollow = function (item) { return item.kind === 'report' && !item.isFirm && !item.bbox ? ' hollow' : ''; };

  FloodMap.severity = function (word) { return SHAPES[word] ? word : 'unknown'; };

  FloodMap.shape = function (severity) {
    const svg = svgElement('svg', { viewBox: '0 0 28 28', width: 28, height: 28, 'aria-hidden': 'true', focusable: 'false' });
    svg.appendChild(svgElement('path', { d: SHAPES[severity], 'class': 'map-shape' }));
    if (SIGNS[severity]) svg.appendChild(svgElement('path', { d: SIGNS[severity], 'class': 'map-sign' }));
    return svg;
  };

  function svgElement(tag, attributes) {
    const made = L.SVG.create(tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    return made;
  }

  // A marker whose element is ours; its place is `left` and `top` pixels inside it.
  FloodMap.marker = function (place, element, left, top, options) {
    const icon = new (L.Icon.extend({ createIcon: function () { return element; }, createShadow: function () { return null; } }))();
    element.classList.add('leaflet-marker-icon');
    element.style.marginLeft = -left + 'px';
    element.style.marginTop = -top + 'px';
    // Listening for focus would make a picture focusable.
    return L.marker(place, Object.assign({ icon: icon, keyboard: false, interactive: false, autoPanOnFocus: false }, options));
  };

  FloodMap.popupOf = function (item) {
    const box = FloodMap.element('div', 'map-popup-item tone-' + item.severity + (item.kind === 'report' ? ' of-report' : '') + FloodMap.hollow(item));
    const link = FloodMap.element(item.href ? 'a' : 'b', 'map-popup-title', item.title);
    if (item.href) link.href = item.href;
    link.dir = 'auto';
    const facts = FloodMap.element('p', 'map-popup-facts');
    facts.appendChild(FloodMap.shape(item.severity));
    facts.appendChild(document.createTextNode([wordOf(item), item.detail].filter(Boolean).join(', ')));
    box.appendChild(link);
    box.appendChild(facts);
    // As in the list, which names those alone that everyone may see. Not one whose file has gone.
    if (item.photo && !item.photo.hidden) box.appendChild(item.photo.cloneNode(false));
    if (item.several) {
      const list = box.appendChild(item.several.cloneNode(true));
      while (list.children.length > MOST_LISTED) list.lastElementChild.remove();
    }
    return box;
  };

  // Reports, not entries: one entry may stand for several.
  FloodMap.count = function (items) { return items.reduce(function (sum, item) { return sum + (item.count || 1); }, 0); };

  FloodMap.nameOf = function (item) {
    return FloodMap.words('map_pin', { title: item.title, severity: wordOf(item), detail: item.detail });
  };

  // The list's own word where it has one: a warning's may be the issuer's.
  function wordOf(item) { return item.word || FloodMap.words('map_severity_' + item.severity); }

  // Pins and clusters of items {id, lat, lon, severity, title, detail, href}. onPick(item or null, place, content, fromKeys);
  // of a cluster that the map goes into, onPick(null).
  FloodMap.pins = function (map, onPick) {
    const shown = new Map();
    let items = [];
    let groups = [];
    let zoom = null;
    let middle = 0;

    // Each item at the copy of the world that is nearest to the view: a town may lie on both sides of the antimeridian.
    function group() {
      const grid = {};
      zoom = map.getZoom();
      middle = map.getCenter().lng;
      groups = [];
      items.forEach(function (item) {
        const place = L.latLng(item.lat, FloodMap.lonNear(item.lon, middle));
        const at = map.project(place, zoom);
        const home = nearest(grid, at);
        if (home) { home.items.push(item); return; }
        const made = { at: at, items: [item], place: place };
        const cell = cellOf(at);
        groups.push(made);
        (grid[cell] = grid[cell] || []).push(made);
      });
    }

    function draw() {
      if (zoom !== map.getZoom() || Math.abs(map.getCenter().lng - middle) > FAR_DEGREES) group();
      const view = map.getBounds();
      const wanted = new Map();
      const held = map.getContainer().contains(document.activeElement);
      groups.forEach(function (one) { if (view.contains(one.place)) wanted.set(keyOf(one), one); });
      shown.forEach(function (one, key) {
        if (wanted.has(key)) return;
        one.marker.remove();
        shown.delete(key);
      });
      wanted.forEach(function (one, key) {
        if (shown.has(key)) return;
        one.button = buttonOf(one);
        one.button.addEventListener('click', function (event) {
          // Leaflet closes popups at a click on the map; and the end of a drag that began here is no click.
          event.stopPropagation();
          if (event.detail === 0 || !map.dragging.moved()) activate(one, event.detail === 0);
        });
        one.marker = FloodMap.marker(one.place, one.button, 22, 22).addTo(map);
        shown.set(key, one);
      });
      // The focus of a pin that is gone stays in the map.
      if (held && !map.getContainer().contains(document.activeElement)) map.getContainer().focus({ preventScroll: true });
    }

    function keyOf(one) {
      return zoom + one.items.map(function (item) { return [item.id, item.severity, item.title, item.detail, item.count, item.isFirm].join(); }).join('|');
    }

    function activate(one, fromKeys) {
      if (isSingle(one.items)) {
        onPick(one.items[0], one.place, FloodMap.popupOf(one.items[0]), fromKeys);
        return;
      }
      const bounds = boundsOf(one.items, one.place.lng);
      const closer = Math.min(map.getMaxZoom(), map.getBoundsZoom(bounds, false, L.point(60, 60)));
      if (zoom >= map.getMaxZoom() || bounds.getNorthEast().equals(bounds.getSouthWest(), 2e-5)) {
        onPick(null, one.place, listOf(one.items), fromKeys);
      } else {
        onPick(null);
        // Closer than a tile fits, its reports' middle is where to look.
        const isTooWide = closer <= zoom && one.items.some(function (item) { return item.bbox; });
        map.setView(isTooWide ? one.place : bounds.getCenter(), Math.max(closer, zoom + 1));
      }
    }

    map.on('moveend', draw);
    return {
      draw: draw,
      activate: activate,
      // The gravest first: they lead their clusters, so that what a cluster shows is its first.
      set: function (given) {
        items = given.slice().sort(function (a, b) { return ORDER.indexOf(b.severity) - ORDER.indexOf(a.severity); });
        zoom = null;
        draw();
        return groups.reduce(function (sum, one) { return sum + one.items.length; }, 0);
      },
      inView: function () { return Array.from(shown.values()); },
      mark: function (className, id) {
        shown.forEach(function (one) {
          const isIn = one.items.some(function (item) { return item.id === id; });
          one.button.classList.toggle(className, isIn);
          one.marker.setZIndexOffset(isIn ? 1000 : 0);
        });
      },
    };
  };

  // What has a box stands for reports that are not known one by one.
  function isSingle(items) { return items.length === 1 && !items[0].bbox; }

  function boundsOf(items, lon) {
    const bounds = L.latLngBounds([]);
    items.forEach(function (item) {
      const turned = FloodMap.lonNear(item.lon, lon) - item.lon;
      bounds.extend(item.bbox ? [[item.bbox[1], item.bbox[0] + turned], [item.bbox[3], item.bbox[2] + turned]] : [item.lat, item.lon + turned]);
    });
    return bounds;
  }

  function cellOf(at) { return Math.floor(at.x / SPACING_PX) + ':' + Math.floor(at.y / SPACING_PX); }

  function nearest(grid, at) {
    let best = null;
    let least = SPACING_PX;
    for (let x = -1; x <= 1; x += 1) {
      for (let y = -1; y <= 1; y += 1) {
        (grid[cellOf(at.add([x * SPACING_PX, y * SPACING_PX]))] || []).forEach(function (one) {
          const far = one.at.distanceTo(at);
          if (far < least) { least = far; best = one; }
        });
      }
    }
    return best;
  }

  function buttonOf(one) {
    const count = FloodMap.count(one.items);
    const first = one.items[0];
    const isOne = isSingle(one.items);
    const button = FloodMap.element('button', (isOne ? 'map-pin' + FloodMap.hollow(first) : 'map-cluster') + ' tone-' + first.severity);
    button.type = 'button';
    button.appendChild(FloodMap.shape(first.severity));
    if (!isOne || count > 1) button.appendChild(FloodMap.element('span', 'map-count', String(count)));
    button.setAttribute('aria-label', isOne ? FloodMap.nameOf(first)
      : FloodMap.words('map_cluster', { count: count, severity: wordOf(first) }));
    return button;
  }

  function listOf(items) {
    const box = FloodMap.element('div', 'map-popup-list');
    box.appendChild(FloodMap.element('p', '', FloodMap.words('map_cluster_list', { count: FloodMap.count(items) })));
    items.slice(0, MOST_LISTED).forEach(function (item) { box.appendChild(FloodMap.popupOf(item)); });
    return box;
  }

  // Outlines with each part where it is nearest to a longitude: those that cross the antimeridian come in parts, cut there.
  function besideLon(features, lon) {
    return features.map(function (one) {
      const shape = one.geometry;
      const parts = shape.type === 'MultiPolygon' ? shape.coordinates : shape.type === 'Polygon' ? [shape.coordinates] : [];
      if (!parts.length) return one;
      if (lon === null) lon = parts[0][0][0][0];
      const moved = parts.map(function (rings) {
        const lons = rings[0].map(function (place) { return place[0]; });
        const middle = (Math.min.apply(null, lons) + Math.max.apply(null, lons)) / 2;
        const turn = FloodMap.lonNear(middle, lon) - middle;
        return rings.map(function (ring) { return ring.map(function (place) { return [place[0] + turn, place[1]]; }); });
      });
      return Object.assign({}, one, { geometry: { type: 'MultiPolygon', coordinates: moved } });
    });
  }

  // Outlines of warnings; onPick(feature's id, place, fromKeys), if any. `set` answers how many were drawn.
  FloodMap.areas = function (map, onPick) {
    let layer = L.layerGroup().addTo(map);
    let areas = [];
    map.getPane('overlayPane').setAttribute('aria-hidden', 'true');

    // Beside the middle of the map, or, if it is to go where they are, beside their own first place.
    function set(collection, isAhead) {
      layer.remove();
      areas = [];
      const features = (collection.features || []).filter(function (one) { return one.geometry; });
      features.sort(function (a, b) { return rank(a) - rank(b); });
      layer = L.geoJSON(besideLon(features, isAhead ? null : map.getCenter().lng), {
        pointToLayer: function (feature, place) { return L.circle(place, { radius: 500 }); },
        style: function (feature) {
          const severity = FloodMap.severity(feature.properties.severity);
          return { className: 'map-area tone-' + severity, weight: severity === 'extreme' ? 4 : 2.5, dashArray: DASHES[severity] || null };
        },
        onEachFeature: function (feature, one) {
          areas.push({ id: String(feature.id), title: String(feature.properties.title || ''), severity: FloodMap.severity(feature.properties.severity), layer: one });
          if (onPick) one.on('click', function (event) { onPick(String(feature.id), event.latlng, false); });
        },
        interactive: Boolean(onPick),
      }).addTo(map);
      return areas.length;
    }

    return {
      set: set,
      bounds: function () { return areas.length ? layer.getBounds() : null; },
      find: function (ids) { return areas.find(function (one) { return ids.indexOf(one.id) >= 0; }); },
      inView: function () {
        const view = map.getBounds();
        return areas.filter(function (one) { return view.intersects(one.layer.getBounds()); }).reverse();
      },
      mark: function (className, ids) {
        areas.forEach(function (one) {
          const path = one.layer.getElement && one.layer.getElement();
          if (path) path.classList.toggle(className, ids.indexOf(one.id) >= 0);
        });
      },
    };
  };

  // Where a number or popup of an area stands: its middle, or the middle of what of its box is in view.
  FloodMap.middleOf = function (map, area) {
    const view = map.getBounds();
    const box = area.layer.getBounds();
    const middle = area.layer.getCenter ? area.layer.getCenter() : box.getCenter();
    if (view.contains(middle)) return middle;
    return L.latLngBounds(
      [Math.max(view.getSouth(), box.getSouth()), Math.max(view.getWest(), box.getWest())],
      [Math.min(view.getNorth(), box.getNorth()), Math.min(view.getEast(), box.getEast())]
    ).getCenter();
  };

  function rank(feature) { return ORDER.indexOf(FloodMap.severity(feature.properties.severity)); }

  // Names of places, the lowest rank first. One that would touch a pin or the own dot stands above or below it; another name, stays out.
  FloodMap.labels = function (map) {
    const pane = map.createPane('labels');
    pane.setAttribute('aria-hidden', 'true');
    const pen = document.createElement('canvas').getContext('2d');
    const layer = L.layerGroup().addTo(map);
    let places = [];

    function draw() {
      const size = map.getSize();
      // The corner of the zoom buttons, the pins and the own dot.
      const pins = [[0, 0, 64, 108]];
      const names = [];
      map.getContainer().querySelectorAll('.map-pin, .map-cluster, .map-here').forEach(function (pin) {
        pins.push(boxOf(map.layerPointToContainerPoint(L.DomUtil.getPosition(pin)), 36, 36));
      });
      layer.clearLayers();
      pen.font = getComputedStyle(pane).font || '600 13px sans-serif';
      places.forEach(function (place) {
        const at = map.latLngToContainerPoint([place.lat, place.lon]);
        const width = pen.measureText(place.name).width + 12;
        const isFree = function (middle, others) {
          const box = boxOf(middle, width, 20);
          return !others.some(function (other) { return overlaps(box, other); });
        };
        if (!isFree(at, names)) return;
        const free = LABEL_SHIFTS_PX.map(function (shift) { return at.add([0, shift]); }).find(function (middle) {
          const box = boxOf(middle, width, 20);
          return box[0] > 0 && box[1] > 0 && box[2] < size.x && box[3] < size.y && isFree(middle, pins.concat(names));
        });
        if (!free) return;
        names.push(boxOf(free, width, 20));
        const text = FloodMap.element('span', 'map-label', place.name);
        text.style.width = width + 'px';
        FloodMap.marker(map.containerPointToLatLng(free), text, width / 2, 10, { pane: 'labels' }).addTo(layer);
      });
    }

    map.on('moveend', draw);
    return function (given) {
      places = (given || []).slice().sort(function (a, b) { return a.rank - b.rank; });
      draw();
    };
  };

  function boxOf(at, width, height) { return [at.x - width / 2, at.y - height / 2, at.x + width / 2, at.y + height / 2]; }
  function overlaps(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  // The chosen place: a ring, and a dot in its middle, whose own ring is seen around a pin that lies over it.
  FloodMap.place = function (map, lat, lon, radiusM, accuracyM) {
    const dot = FloodMap.element('span', 'map-here');
    dot.setAttribute('aria-hidden', 'true');
    const ring = L.circle([lat, lon], { radius: radiusM, className: 'map-ring', fill: false, interactive: false }).addTo(map);
    if (accuracyM) L.circle([lat, lon], { radius: accuracyM, className: 'map-ring map-accuracy', interactive: false }).addTo(map);
    // Below the pins, whose numbers must be read whole.
    FloodMap.marker([lat, lon], dot, 7, 7, { zIndexOffset: -3000 }).addTo(map);
    return ring;
  };
})();
