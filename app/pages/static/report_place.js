// The place of a report: the device's own, one looked up by its name, or the pin on a map that is loaded only when it is
// opened. What is found stands in the form's hidden numbers; they count while the text beside them stays as it is.
(function () {
  'use strict';
  const form = document.querySelector('form[data-places]');
  if (!form || !window.fetch || !window.Promise || !Element.prototype.closest || !window.URLSearchParams) return;

  const LOCATE_MS = 10000;
  const FIND_MS = 12000;
  const USUAL_M = 50;
  const COARSE_M = 2000;
  const LARGEST_M = 5000;
  const NAME_MS = 4000;
  const EXACT_ENOUGH_M = 500;
  const LAST_PLACE = 'floodmanager-place';
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
  const question = document.createElement('p');
  let kind = 'named';
  let ownName = '';
  let naming = null;
  let needsMove = false;
  let lastNone = true;
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
    closeQuestion();
    kind = how;
    set('lat', Number(place.lat).toFixed(5));
    set('lon', Number(place.lon).toFixed(5));
    set('radius_m', Math.round(Math.min(Math.max(place.radius_m || USUAL_M, USUAL_M), LARGEST_M)));
    set('settled', where.value);
    changed();
  }

  function unsettle() {
    takeTurn();
    closeQuestion();
    ['lat', 'lon', 'radius_m', 'settled'].forEach(function (name) { set(name, ''); });
    showMatches([]);
    told.textContent = '';
  }

  function changed() { form.dispatchEvent(new CustomEvent('floodmanager:place', { bubbles: true })); }

  function label() {
    if (!isSettled()) return words('typed_place', { name: where.value.trim() });
    if (radius() >= COARSE_M && where.value.trim() && kind !== 'own') return words('middle_of', { name: where.value.trim(), distance: distance(radius()) });
    if (kind === 'own') return words(ownName ? 'own_place_near' : 'own_place', { name: ownName, distance: distance(radius()) });
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
      unsettle();
      told.textContent = words('locating');
      takeOwn({ lat: found.coords.latitude, lon: found.coords.longitude, radius_m: found.coords.accuracy });
    }, function (failed) {
      locateButton.removeAttribute('aria-disabled');
      if (isOvertaken()) return;
      told.textContent = words(failed.code === 1 ? 'locate_refused' : failed.code === 3 ? 'locate_late' : 'locate_unavailable');
      where.focus();
    }, { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 30000 });
  }

  // The device's place is shown on the map at once, with its ring; it counts when its name has come and nothing speaks
  // against it, or when the person has said so. Without a connection nothing is known of it but how exact it is.
  function takeOwn(at) {
    const isOvertaken = takeTurn();
    openMap(at);
    naming = describe(at).then(function (said) {
      if (isOvertaken()) return;
      naming = null;
      ownName = said.name;
      const doubt = at.radius_m > EXACT_ENOUGH_M ? 'coarse' : said.doubt;
      if (doubt) { askAbout(at, doubt); return; }
      settle(at, 'own');
      told.textContent = words(ownName ? 'located_near' : 'located', { name: ownName, distance: distance(Math.max(at.radius_m, 10)) });
      inView();
    });
  }

  // About 100 m of the place is enough to name it.
  function describe(at) {
    const abort = window.AbortController ? new AbortController() : null;
    const clock = setTimeout(function () { if (abort) abort.abort(); }, NAME_MS);
    const query = '?lat=' + at.lat.toFixed(3) + '&lon=' + at.lon.toFixed(3) + '&accuracy_m=' + Math.ceil(at.radius_m);
    return fetch(form.dataset.places + query, {
      headers: { Accept: 'application/json' }, credentials: 'same-origin', signal: abort ? abort.signal : undefined,
    }).then(function (answer) {
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      return answer.json();
    }).catch(function () { return { name: '', doubt: '' }; }).then(function (said) {
      clearTimeout(clock);
      return said;
    });
  }

  function askAbout(at, doubt) {
    const isTooWide = at.radius_m > LARGEST_M;
    const why = words('own_' + doubt, { distance: distance(at.radius_m) });
    const then = isTooWide ? words('own_too_wide') : ownName && doubt !== 'sea' ? words('own_question', { name: ownName }) : words('own_question_map');
    told.textContent = why + ' ' + then;
    question.className = 'actions';
    if (isTooWide) return inView();
    answer('own_yes', function () {
      settle(at, 'own');
      told.textContent = label() + '.';
      locateButton.focus();
    });
    answer('own_no', function () {
      unsettle();
      told.textContent = words('own_no_then');
      where.focus();
    });
    told.parentNode.insertBefore(question, told.nextSibling);
    return inView();
  }

  function answer(name, act) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = name === 'own_yes' ? 'button' : 'button quiet';
    button.textContent = words(name);
    button.addEventListener('click', act);
    question.appendChild(button);
  }

  function closeQuestion() {
    question.textContent = '';
    question.remove();
  }

  // What was found, with its map below, on a screen that shows less than the whole form.
  function inView() {
    const holder = document.getElementById('picker');
    if (holder) holder.scrollIntoView({ block: 'nearest' });
    told.scrollIntoView({ block: 'nearest' });
  }

  // What a name may mean. Kept with 'exact', 'one', 'several', 'none', 'offline' or 'overtaken'.
  function find() {
    const text = where.value.trim();
    const isOvertaken = takeTurn();
    if (!text) return Promise.resolve('none');
    told.textContent = words('finding');
    const abort = window.AbortController ? new AbortController() : null;
    const clock = setTimeout(function () { if (abort) abort.abort(); }, FIND_MS);
    return fetch(form.dataset.places + '?place=' + encodeURIComponent(text), {
      headers: { Accept: 'application/json' }, credentials: 'same-origin', signal: abort ? abort.signal : undefined,
    }).then(function (answer) {
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      return answer.json();
    }).then(function (said) {
      document.dispatchEvent(new CustomEvent('floodmanager:reached'));
      return isOvertaken() ? 'overtaken' : show(said.places, said.knows_all !== false);
    }).catch(function () {
      if (isOvertaken()) return 'overtaken';
      told.textContent = words('find_failed');
      return 'offline';
    }).then(function (outcome) {
      clearTimeout(clock);
      return outcome;
    });
  }

  function show(places, knowsAll) {
    showMatches(places.length > 1 ? places : []);
    if (places.length === 1) return take(places[0]);
    if (!places.length && startOfMap()) openMap();
    told.textContent = words(places.length ? 'found_several' : noneWords(knowsAll));
    lastNone = knowsAll;
    return places.length ? 'several' : 'none';
  }

  function noneWords(knowsAll) { return !knowsAll ? 'found_none_yet' : startOfMap() ? 'found_none_map' : 'found_none'; }

  function take(place) {
    settle(place, 'named');
    const more = { name: place.name, distance: distance(place.radius_m) };
    keepLast(place);
    told.textContent = words(place.is_coarse ? 'found_one' : 'pin_set', more);
    if (map || place.is_coarse) openMap({ lat: place.lat, lon: place.lon, radius_m: place.is_coarse ? place.radius_m : 0 });
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

  // The place that was named last, here or on the first page, for as long as the tab is open.
  function keepLast(place) {
    try { window.sessionStorage.setItem(LAST_PLACE, JSON.stringify([Number(place.lat), Number(place.lon)])); } catch (refused) { /* the operator's place then */ }
  }

  function lastPlace() {
    try {
      const kept = JSON.parse(window.sessionStorage.getItem(LAST_PLACE));
      return Array.isArray(kept) && kept.length === 2 && kept.every(isFinite) ? kept : null;
    } catch (refused) { return null; }
  }

  // Where the map opens: at what is settled, named last, or given by the server; never at the whole world.
  function startOfMap() {
    if (isSettled()) return { lat: Number(form.elements.lat.value), lon: Number(form.elements.lon.value), zoom: radius() >= COARSE_M ? 13 : 16 };
    const last = lastPlace();
    if (last) return { lat: last[0], lon: last[1], zoom: 13, needsMove: true };
    const given = (shown.start || '').split(',').map(Number);
    if (given.length === 2) return { lat: given[0], lon: given[1], zoom: 12 };
    return given.length === 4 ? { bounds: [[given[1], given[0]], [given[3], given[2]]], needsMove: true } : null;
  }

  // `at`: the place to show, with its ring where it has one.
  function openMap(at) {
    if (map) {
      if (at) map.setPlace(at.lat, at.lon, at.radius_m);
      return;
    }
    const start = at ? Object.assign({ zoom: 16 }, at) : startOfMap();
    if (isOpening) return;
    if (!start) {
      told.textContent = words('map_needs_place');
      where.focus();
      return;
    }
    isOpening = true;
    needsMove = Boolean(start.needsMove);
    mapButton.setAttribute('aria-disabled', 'true');
    loaded().then(function () {
      const holder = document.importNode(document.getElementById('map-place').content, true);
      matches.parentNode.insertBefore(holder, matches);
      const element = document.getElementById('picker');
      map = window.FloodMap.picker(element, Object.assign({ onmove: moved }, start));
      if (at && at.radius_m) map.setPlace(at.lat, at.lon, at.radius_m);
      ['mousedown', 'touchstart', 'wheel', 'keydown'].forEach(function (name) {
        element.addEventListener(name, function () { isTouched = true; }, { passive: true });
      });
      mapButton.hidden = true;
      inView();
    }).catch(function () {
      isOpening = false;
      mapButton.removeAttribute('aria-disabled');
      if (!at) told.textContent = words('map_failed');
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

  // An unmoved pin counts as the place only if the map shows at least a town; else the map says what to do.
  function takePin() {
    if (!map) return false;
    const at = Object.assign({ zoom: map.map.getZoom() }, map.getPlace());
    if (at.zoom >= TOWN_ZOOM && (isTouched || !needsMove)) {
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

  // Zooming alone leaves the pin where it is, except for fractions of a pixel.
  function isWhereItWas(at) {
    if (!isSettled()) return false;
    const up = (at.lat - Number(form.elements.lat.value)) * 111320;
    const along = (at.lon - Number(form.elements.lon.value)) * 111320 * Math.cos(at.lat * Math.PI / 180);
    return Math.sqrt(up * up + along * along) < metresInPx(at) * SAME_PX;
  }

  tools.hidden = false;
  findButton.hidden = false;
  if (locateButton) {
    locateButton.hidden = !(navigator.geolocation && window.isSecureContext !== false);
    locateButton.addEventListener('click', locate);
  }
  mapButton.addEventListener('click', function () { openMap(); });
  findButton.addEventListener('click', find);
  where.addEventListener('input', unsettle);
  where.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || !where.value.trim()) return;
    event.preventDefault();
    find();
  });
  // What was suggested is taken as the server takes what it finds (app/pages/report/location.py).
  where.addEventListener('floodmanager:place-chosen', function (event) {
    const place = event.detail;
    const least = place.kind === 'postcode' || place.kind === 'grid_square' ? USUAL_M : COARSE_M;
    const radius = Math.min(Math.max(Math.round(place.extent.radius_km * 1000), least), LARGEST_M);
    event.preventDefault();
    unsettle();
    take({ lat: place.lat, lon: place.lon, radius_m: radius, is_coarse: radius >= COARSE_M, name: where.value });
  });
  matchList.addEventListener('change', function (event) {
    const numbers = event.target.value.split(',').map(Number);
    if (isSettled() || numbers.length !== 2) return;
    take({ lat: numbers[0], lon: numbers[1], radius_m: LARGEST_M, is_coarse: true, name: event.target.parentNode.textContent.trim() });
  });

  window.ReportPlace = {
    isSettled: isSettled, find: find, noneFound: function () { return words(noneWords(lastNone)); }, label: label, words: words, takePin: takePin,
    hasMap: function () { return Boolean(map); }, waits: function () { return naming; },
    remind: function () {
      const yes = question.querySelector('button');
      if (yes) yes.focus();
      return Boolean(yes);
    }, isCoarse: function () { return radius() >= COARSE_M; },
  };
})();
