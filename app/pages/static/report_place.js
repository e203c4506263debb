// The place of a report: the device's own, one looked up by its name, or the pin on a map that is loaded only when it is
// opened. What is found stands in the form's hidden numbers; they count while the text beside them stays as it is.
(function () {
  'use strict';
  const form = document.getElementById('report');
  if (!form || !window.fetch || !window.Promise || !Element.prototype.closest || !window.URLSearchParams) return;

  const LOCATE_MS = 10000;
  const FIND_MS = 12000;
  const USUAL_M = 50;
  const COARSE_M = 2000;
  const LARGEST_M = 5000;
  const WANTS_MAP_M = 100;
  const LEAST_ZOOM = 10;
  const TOWN_ZOOM = 12;
  const PIN_PX = 12;
  const SAME_PX = 3;
  const WORDS = JSON.parse(document.getElementById('words').textContent);
  const tools = document.getElementById('tools');
  const told = document.getElementById('place-told');
  const matches = document.getElementById('which-place');
  const matchList = document.getElementById('match-list');
  const locateButton = document.getElementById('locate');
  const mapButton = document.getElementById('open-map');
  const findButton = document.getElementById('find');
  const where = form.elements.where;
  const shown = document.getElementById('map-place').content.firstElementChild.dataset;
  const hasBackground = Boolean(shown.tileUrl || shown.pmtilesUrl);
  let kind = 'named';
  let map = null;
  let isOpening = false;
  let isTouched = false;
  let turn = 0;

  function words(key, values) {
    return String(WORDS[key] || '').replace(/\{(\w+)\}/g, function (all, name) {
      return values && values[name] !== undefined ? values[name] : '';
    });
  }

  function set(name, value) { form.elements[name].value = value; }

  function distance(metres) {
    if (metres < 1000) return words('metres', { number: Math.max(10, Math.round(metres / 10) * 10) });
    return words('kilometres', { number: (metres / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }) });
  }

  function isSettled() {
    return form.elements.lat.value !== '' && form.elements.settled.value.trim() === where.value.trim();
  }

  function radius() { return Number(form.elements.radius_m.value) || USUAL_M; }

  // What the person does last about the place counts: an answer to what they did before comes too late and changes nothing.
  function takeTurn() {
    turn += 1;
    const mine = turn;
    return function isOvertaken() { return mine !== turn; };
  }

  function settle(place, how) {
    takeTurn();
    kind = how;
    set('lat', Number(place.lat).toFixed(5));
    set('lon', Number(place.lon).toFixed(5));
    set('radius_m', Math.round(Math.min(Math.max(place.radius_m || USUAL_M, USUAL_M), LARGEST_M)));
    set('settled', where.value);
    changed();
  }

  function unsettle() {
    takeTurn();
    ['lat', 'lon', 'radius_m', 'settled'].forEach(function (name) { set(name, ''); });
    showMatches([]);
    told.textContent = '';
  }

  function changed() { form.dispatchEvent(new CustomEvent('floodmanager:place', { bubbles: true })); }

  function label() {
    if (!isSettled()) return words('typed_place', { name: where.value.trim() });
    if (radius() >= COARSE_M && where.value.trim() && kind !== 'own') return words('middle_of', { name: where.value.trim(), distance: distance(radius()) });
    if (kind === 'own') return words('own_place', { distance: distance(radius()) });
    if (kind === 'named' && where.value.trim()) return where.value.trim();
    return words('pin', { lat: Number(form.elements.lat.value), lon: Number(form.elements.lon.value) });
  }

  // Where the device is.
  function locate() {
    if (locateButton.getAttribute('aria-disabled')) return;
    const isOvertaken = takeTurn();
    locateButton.setAttribute('aria-disabled', 'true');
    told.textContent = words('locating');
    navigator.geolocation.getCurrentPosition(function (found) {
      locateButton.removeAttribute('aria-disabled');
      if (isOvertaken()) return;
      where.value = '';
      showMatches([]);
      const at = found.coords;
      settle({ lat: at.latitude, lon: at.longitude, radius_m: at.accuracy }, 'own');
      told.textContent = words('located', { distance: distance(Math.max(at.accuracy, 10)) });
      if (map) map.setPlace(at.latitude, at.longitude, at.accuracy);
      else if (at.accuracy > WANTS_MAP_M && hasBackground) openMap();
    }, function (failed) {
      locateButton.removeAttribute('aria-disabled');
      if (isOvertaken()) return;
      told.textContent = words(failed.code === 1 ? 'locate_refused' : failed.code === 3 ? 'locate_late' : 'locate_unavailable');
      where.focus();
    }, { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 30000 });
  }

  // What a name may mean. Kept with 'exact', 'one', 'several', 'none', 'offline' or 'overtaken'.
  function find() {
    const text = where.value.trim();
    const isOvertaken = takeTurn();
    if (!text) return Promise.resolve('none');
    told.textContent = words('finding');
    const abort = window.AbortController ? new AbortController() : null;
    const clock = setTimeout(function () { if (abort) abort.abort(); }, FIND_MS);
    return fetch(form.action + '?place=' + encodeURIComponent(text), {
      headers: { Accept: 'application/json' }, credentials: 'same-origin', signal: abort ? abort.signal : undefined,
    }).then(function (answer) {
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      return answer.json();
    }).then(function (said) {
      return isOvertaken() ? 'overtaken' : show(said.places);
    }).catch(function () {
      if (isOvertaken()) return 'overtaken';
      told.textContent = words('find_failed');
      return 'offline';
    }).then(function (outcome) {
      clearTimeout(clock);
      return outcome;
    });
  }

  function show(places) {
    showMatches(places.length > 1 ? places : []);
    if (places.length === 1) return take(places[0]);
    told.textContent = words(places.length ? 'found_several' : 'found_none');
    return places.length ? 'several' : 'none';
  }

  function take(place) {
    settle(place, 'named');
    const more = { name: place.name, distance: distance(place.radius_m) };
    told.textContent = place.is_coarse ? words(map || hasBackground ? 'found_one' : 'found_middle', more) : words('pin_set');
    if (map) map.setPlace(place.lat, place.lon, place.is_coarse ? place.radius_m : 0);
    else if (place.is_coarse && hasBackground) openMap();
    return place.is_coarse ? 'one' : 'exact';
  }

  function showMatches(places) {
    matches.hidden = !places.length;
    matchList.textContent = '';
    places.forEach(function (place, number) {
      const line = document.createElement('label');
      const radio = document.createElement('input');
      const name = document.createElement('span');
      line.className = 'choice';
      radio.type = 'radio';
      radio.name = 'pick';
      radio.value = place.lat + ',' + place.lon;
      if (!number) radio.id = 'pick';
      name.dir = 'auto';
      name.textContent = place.name;
      radio.addEventListener('change', function () { take(place); });
      line.appendChild(radio);
      line.appendChild(name);
      matchList.appendChild(line);
    });
  }

  // The map: its files come in their order, and only now.
  function loaded() {
    const files = document.getElementById('map-files').content.querySelectorAll('data');
    return Promise.all(Array.prototype.map.call(files, function (file) {
      const isStyle = /\.css$/.test(file.value);
      const part = document.createElement(isStyle ? 'link' : 'script');
      const ready = new Promise(function (resolve, reject) { part.onload = resolve; part.onerror = reject; });
      if (isStyle) { part.rel = 'stylesheet'; part.href = file.value; } else { part.async = false; part.src = file.value; }
      document.head.appendChild(part);
      return ready;
    }));
  }

  function openMap() {
    if (map || isOpening) return;
    isOpening = true;
    mapButton.setAttribute('aria-disabled', 'true');
    loaded().then(function () {
      const holder = document.importNode(document.getElementById('map-place').content, true);
      told.parentNode.insertBefore(holder, told.nextSibling);
      const element = document.getElementById('picker');
      const start = (element.dataset.start || '').split(',').map(Number);
      const isKnown = isSettled();
      map = window.FloodMap.picker(element, {
        lat: isKnown ? Number(form.elements.lat.value) : start.length === 2 ? start[0] : null,
        lon: isKnown ? Number(form.elements.lon.value) : start.length === 2 ? start[1] : null,
        zoom: isKnown ? (radius() >= COARSE_M ? 13 : 16) : 12,
        onmove: moved,
      });
      ['mousedown', 'touchstart', 'wheel', 'keydown'].forEach(function (name) {
        element.addEventListener(name, function () { isTouched = true; }, { passive: true });
      });
      mapButton.hidden = true;
    }).catch(function () {
      isOpening = false;
      mapButton.removeAttribute('aria-disabled');
      told.textContent = words('map_failed');
    });
  }

  // How exact a pin is follows from how far the map is zoomed in.
  function moved(at) {
    if (at.by !== 'person' || !isTouched || isWhereItWas(at)) return;
    if (at.zoom < LEAST_ZOOM) {
      told.textContent = words('pin_zoom');
      return;
    }
    settlePin(at);
  }

  // A pin that nobody has moved stands for a place where the map shows at least a town; else the map says what to do.
  function takePin() {
    if (!map) return false;
    const at = Object.assign({ zoom: map.map.getZoom() }, map.getPlace());
    if (at.zoom >= TOWN_ZOOM) {
      settlePin(at);
      return true;
    }
    told.textContent = words('pin_zoom');
    map.map.getContainer().focus();
    return false;
  }

  function settlePin(at) {
    settle({ lat: at.lat, lon: at.lon, radius_m: Math.min(metresInPx(at) * PIN_PX, COARSE_M - 1) }, 'pin');
    told.textContent = words('pin_set');
  }

  function metresInPx(at) { return 156543 * Math.cos(at.lat * Math.PI / 180) / Math.pow(2, at.zoom); }

  // Zooming alone leaves the pin where it is, but for parts of a pixel.
  function isWhereItWas(at) {
    if (!isSettled()) return false;
    const up = (at.lat - Number(form.elements.lat.value)) * 111320;
    const along = (at.lon - Number(form.elements.lon.value)) * 111320 * Math.cos(at.lat * Math.PI / 180);
    return Math.sqrt(up * up + along * along) < metresInPx(at) * SAME_PX;
  }

  tools.hidden = false;
  findButton.hidden = false;
  locateButton.hidden = !(navigator.geolocation && window.isSecureContext !== false);
  locateButton.addEventListener('click', locate);
  mapButton.addEventListener('click', openMap);
  findButton.addEventListener('click', find);
  where.addEventListener('input', unsettle);
  where.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || !where.value.trim()) return;
    event.preventDefault();
    find();
  });
  matchList.addEventListener('change', function (event) {
    const numbers = event.target.value.split(',').map(Number);
    if (isSettled() || numbers.length !== 2) return;
    take({ lat: numbers[0], lon: numbers[1], radius_m: LARGEST_M, is_coarse: true, name: event.target.parentNode.textContent.trim() });
  });

  window.ReportPlace = {
    isSettled: isSettled, find: find, label: label, words: words, takePin: takePin,
    hasMap: function () { return Boolean(map); }, isCoarse: function () { return radius() >= COARSE_M; },
  };
})();
