// Makes our maps: land, tiles where a deployment has them, controls, keys that move. The parts: coast.js draws land,
// markers.js reports and warning areas; map_now.js is the Now page, map_small.js one report's or warning's map and
// the picker of the report form. All of them hang on window.FloodMap, and none runs where Leaflet is missing.
//
// Words come from the page's <script type="application/json" id="words">, {name} is filled in:
//   map_name                "Map of reports and warnings"
//   map_help                "Arrow keys move the map, plus and minus zoom, numbers pick what is in view, Enter opens it, Escape leaves."
//   map_zoom_in             "Zoom in"
//   map_zoom_out            "Zoom out"
//   map_close               "Close"
//   map_coast_credit        "Coast: Natural Earth"
//   map_coast_failed        "The coast could not be loaded."
//   map_tiles_failed        "The background map could not be loaded. Reports and warnings are shown without it."
//   map_areas_failed        "The warning areas could not be drawn. The list has all warnings."
//   map_severity_extreme    "Extreme", _severe "Severe", _moderate "Moderate", _minor "Minor", _unknown "Not known"
//   map_pin                 "{title}. {severity}. {detail}"
//   map_cluster             "Reports here: {count}. Highest: {severity}. Zooms in."
//   map_cluster_list        "Reports at this place: {count}"
//   map_view                "In view: reports {reports}, warning areas {areas}."
//   map_view_keys           "Numbers 1 to {last} pick them."
//   map_area                "Official warning"
//   map_chosen              "{name} Enter opens its page."
//   map_picker_name         "Choose the place: the pin is in the middle of the map"
//   map_picker_help         "Arrow keys move the pin, with Shift further; plus and minus zoom."
//   map_picker_moved        "The pin is at {lat}, {lon}."
//   map_small_name          "Map of this place"
(function () {
  'use strict';
  if (!window.L || !window.fetch || !window.ResizeObserver) return;

  const L = window.L;
  const TILE_ERRORS_IN_A_ROW = 4;
  const STEP_PX = 80;
  const WORLD_PX = 512; // at zoom 1
  const NEAR_VIEW_PX = 200;
  const FETCH_MS = 10000;
  // Popups keep clear of the zoom buttons.
  const CONTROLS_PX = 62;
  const EDGE_PX = 12;
  const PMTILES_DEEPEST_AT = 101; // as version 3 of the format says
  const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  const FloodMap = window.FloodMap = {};
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const isDark = window.matchMedia('(prefers-color-scheme: dark)');

  let sentences = null;

  // A sentence of the page; a key without one gives an empty text, never an error.
  FloodMap.words = function (key, values) {
    if (!sentences) {
      const holder = document.getElementById('words');
      try { sentences = JSON.parse(holder.textContent); } catch (mistake) { sentences = {}; }
    }
    return String(sentences[key] || '').replace(/\{(\w+)\}/g, function (all, name) {
      return values && values[name] !== undefined ? values[name] : '';
    });
  };

  FloodMap.element = function (tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  // A JSON document and where it came from in the end, or a rejected promise after ten seconds.
  FloodMap.fetchJson = function (address) {
    return ask(address, {}, function (answer) {
      return answer.json().then(function (json) { return { json: json, url: answer.url || address }; });
    });
  };

  // One of our pages, as a document.
  FloodMap.fetchPage = function (address) {
    return ask(address, { Accept: 'text/html' }, function (answer) {
      return answer.text().then(function (text) { return new DOMParser().parseFromString(text, 'text/html'); });
    });
  };

  function ask(address, headers, read) {
    const abort = window.AbortController ? new AbortController() : null;
    const timer = setTimeout(function () { if (abort) abort.abort(); }, FETCH_MS);
    const asked = fetch(address, { credentials: 'same-origin', headers: headers, signal: abort ? abort.signal : undefined })
      .then(function (answer) {
        if (!answer.ok) throw new Error('HTTP ' + answer.status);
        return read(answer);
      });
    const done = function () { clearTimeout(timer); };
    asked.then(done, done);
    return asked;
  }

  // A map in an element: {map, note(key, isOver), say(text), measure(), ready}. `ready` is kept when the first land is drawn, or cannot be.
  FloodMap.create = function (element, name, help) {
    element.hidden = false;
    // Asked for at once: drawing pins meanwhile takes as long as the answer.
    const index = FloodMap.fetchJson(new URL(element.dataset.coast, document.baseURI).href);
    const map = L.map(element, {
      keyboard: false, zoomControl: false, attributionControl: false, scrollWheelZoom: false, worldCopyJump: true, trackResize: false,
      minZoom: element.clientWidth < WORLD_PX ? 1 : 2, maxZoom: 17, maxBounds: [[-85, -1000], [85, 1000]], maxBoundsViscosity: 1,
      zoomAnimation: !isCalm, fadeAnimation: !isCalm, markerZoomAnimation: !isCalm, inertia: !isCalm,
    });
    // A hidden map has no size: it keeps the one it had, and with it its pins, until it is shown.
    const measure = function () { if (element.clientWidth) map.invalidateSize(); };
    new ResizeObserver(measure).observe(element);
    // Whatever moves the map, a popup too: by a jump for those who asked for calm.
    const panBy = map.panBy;
    if (isCalm) map.panBy = function (by, options) { return panBy.call(map, by, Object.assign({}, options, { animate: false })); };
    L.control.zoom({ zoomInTitle: FloodMap.words('map_zoom_in'), zoomOutTitle: FloodMap.words('map_zoom_out') }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    const credits = L.control.attribution({ prefix: false }).addTo(map);
    credits.addAttribution(escaped(FloodMap.words('map_coast_credit')));

    const note = element.appendChild(FloodMap.element('p', 'map-note'));
    note.setAttribute('role', 'status');
    let notes = [];
    const live = element.appendChild(FloodMap.element('p', 'map-quiet'));
    live.setAttribute('aria-live', 'polite');
    describe(element, name, help);
    moveByKeys(map, element);
    const made = {
      map: map,
      // A sentence that stands on the map until it is taken back.
      note: function (key, isOver) {
        notes = notes.filter(function (one) { return one !== key; }).concat(isOver ? [] : [key]);
        note.textContent = notes.map(function (one) { return FloodMap.words(one); }).join(' ');
      },
      say: function (text) { live.textContent = text; },
      measure: measure,
    };
    // Land and tiles wait for the first view.
    made.ready = new Promise(function (resolve) { map.whenReady(resolve); }).then(function () {
      addTiles(made, element, credits);
      return FloodMap.coast(map, index).catch(function () {
        made.note('map_coast_failed');
      });
    });
    return made;
  };

  // Opens a popup with our own node; its closing button has our text and size.
  FloodMap.popup = function (map, place, content) {
    const holder = FloodMap.element('div', 'map-popup');
    const close = FloodMap.element('button', 'map-popup-close', '\u00d7');
    close.type = 'button';
    close.setAttribute('aria-label', FloodMap.words('map_close'));
    holder.appendChild(content);
    holder.appendChild(close);
    const room = map.getSize().x - CONTROLS_PX - 2 * EDGE_PX;
    const popup = L.popup({
      closeButton: false, minWidth: 200, maxWidth: Math.max(200, Math.min(280, room)), maxHeight: 280, offset: [0, -6],
      autoPanPaddingTopLeft: [CONTROLS_PX, EDGE_PX], autoPanPaddingBottomRight: [EDGE_PX, EDGE_PX],
    })
      .setLatLng(place).setContent(holder);
    close.addEventListener('click', function () { map.closePopup(popup); });
    return popup.openOn(map);
  };

  // Application: a screen reader hands arrows and numbers through to the map.
  function describe(element, name, help) {
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute('aria-label', name);
    if (!help) return;
    const hint = element.appendChild(FloodMap.element('p', 'map-quiet', help));
    hint.id = (element.id || 'map') + '-help';
    element.setAttribute('aria-describedby', hint.id);
  }

  function moveByKeys(map, element) {
    element.addEventListener('keydown', function (event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      const step = MOVES[event.key];
      const px = element.dataset.stepPx ? element.dataset.stepPx * (event.shiftKey ? 5 : 1) : STEP_PX;
      if (step) map.panBy([step[0] * px, step[1] * px], { animate: px > 40 });
      else if (event.key === '+' || event.key === '=') map.zoomIn(1);
      else if (event.key === '-' || event.key === '_') map.zoomOut(1);
      else return;
      event.preventDefault();
    });
    map.on('mousedown', function () {
      if (!element.contains(document.activeElement)) element.focus({ preventScroll: true });
    });
    // The wheel scrolls the page until the map has the focus.
    element.addEventListener('focusin', function () { map.scrollWheelZoom.enable(); });
    element.addEventListener('focusout', function () { map.scrollWheelZoom.disable(); });
  }

  function addTiles(made, element, credits) {
    const data = element.dataset;
    if (data.tileUrl) addRaster(made, data, credits);
    if (data.pmtilesUrl && data.pmtilesScript) addVector(made, element, credits);
    // On bare land nothing would tell that the map moves.
    if (!data.tileUrl && !data.pmtilesUrl) new (L.GridLayer.extend({ createTile: function () { return FloodMap.element('div', 'map-grid'); } }))({ minZoom: 11 }).addTo(made.map);
  }

  function addRaster(made, data, credits) {
    const credit = escaped(data.tileAttribution);
    const layer = L.tileLayer(data.tileUrl, { maxZoom: 17, className: 'map-raster' }).addTo(made.map);
    let errors = 0;
    if (credit) credits.addAttribution(credit);
    layer.on('tileload', function () { errors = 0; });
    layer.on('tileerror', function () {
      errors += 1;
      if (errors !== TILE_ERRORS_IN_A_ROW) return;
      layer.remove();
      credits.removeAttribution(credit);
      made.note('map_tiles_failed');
    });
  }

  // The file's head is asked for before its 128 kB reader: whether it is one at all, and how deep it goes.
  function addVector(made, element, credits) {
    const data = element.dataset;
    const credit = escaped(data.tileAttribution);
    let layer = null;
    let deepest = 15;
    function draw() {
      if (layer) layer.remove();
      // A reader of its own each time: one keeps what it has failed to read.
      const look = { url: tilesOf(data.pmtilesUrl, made), attribution: '', maxDataZoom: deepest };
      layer = window.protomapsL.leafletLayer(Object.assign(look, FloodMap.streets(element))).addTo(made.map);
    }
    nearView(element).then(function () { return fetch(data.pmtilesUrl, { headers: { Range: 'bytes=0-126' } }); })
      .then(function (answer) { return answer.status === 206 ? answer.arrayBuffer() : new ArrayBuffer(0); })
      .then(function (head) {
        const bytes = new Uint8Array(head);
        if (String.fromCharCode.apply(null, bytes.subarray(0, 7)) !== 'PMTiles') throw new Error('no PMTiles');
        deepest = bytes[PMTILES_DEEPEST_AT];
        return loadScript(data.pmtilesScript);
      })
      .then(function () { return loadScript(data.streetsScript); })
      .then(function () {
        draw();
        window.addEventListener('online', draw);
        if (credit) credits.addAttribution(credit);
        if (isDark.addEventListener) isDark.addEventListener('change', draw);
      })
      .catch(function () { made.note('map_tiles_failed'); });
  }

  // Streets weigh more than the page: they wait until the map is nearly in view, or its tab is chosen.
  function nearView(element) {
    return new Promise(function (resolve) {
      if (!window.IntersectionObserver) return resolve();
      const watch = new IntersectionObserver(function (seen) {
        if (!seen.some(function (one) { return one.isIntersecting; })) return;
        watch.disconnect();
        resolve();
      }, { rootMargin: NEAR_VIEW_PX + 'px' });
      watch.observe(element);
    });
  }

  // The tiles of a file, as their reader asks for them. What does not come is reported until another one comes.
  function tilesOf(address, made) {
    const archive = new window.protomapsL.PmtilesSource(address, true).p;
    return {
      getZxy: function (z, x, y, signal) {
        return archive.getZxy(z, x, y, signal).then(function (tile) {
          made.note('map_streets_failed', true);
          return tile;
        }, function (error) {
          if (error.name !== 'AbortError') made.note('map_streets_failed');
          // An error of this name is not written to the console as well.
          throw new DOMException(error.message, 'AbortError');
        });
      },
    };
  }

  function loadScript(address) {
    return new Promise(function (resolve, reject) {
      const script = document.createElement('script');
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
  }

  // Leaflet takes credits as HTML; ours are text.
  function escaped(text) {
    return String(text || '').replace(/[&<>"]/g, function (sign) { return '&#' + sign.charCodeAt(0) + ';'; });
  }
})();
