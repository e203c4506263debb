// Small maps: of one report or warning, to look at; and the picker of the report form, whose pin stands still in the
// middle while the map moves under it, by finger, mouse or arrow keys.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  if (!FloodMap) return;

  const L = window.L;
  const PIN_STEP_PX = 10;
  const PLACE_ZOOM = 15;
  const SAY_AFTER_MS = 600;
  const NAMES_AFTER_MS = 400;
  const NAMED_BEYOND = 2.7;
  // Without streets there is less to see close by than the names around.
  const CLOSEST_ZOOM = 16;
  const CLOSEST_WITHOUT_STREETS = 13;
  const RADII_KM = [1, 2, 5, 10, 20, 50]; // as app/pages/home/view.py has them

  // data-lat, data-lon, data-radius-m (how exact the place is), data-severity, data-outlines: each may be missing.
  FloodMap.small = function (element) {
    const data = element.dataset;
    const made = FloodMap.create(element, FloodMap.words('map_small_name'), '');
    const map = made.map;
    const hasPlace = data.lat !== undefined && data.lon !== undefined && data.lat !== '';
    const fit = function (bounds) { map.fitBounds(bounds, { padding: [20, 20], maxZoom: PLACE_ZOOM, animate: false }); };
    if (hasPlace) {
      const place = L.latLng(data.lat, data.lon);
      const radius = Number(data.radiusM) || 0;
      if (radius) L.circle(place, { radius: radius, className: 'map-ring', interactive: false }).addTo(map);
      const pin = FloodMap.element('span', 'map-pin tone-' + FloodMap.severity(data.severity) + ('firm' in data ? '' : ' hollow'));
      pin.appendChild(FloodMap.shape(FloodMap.severity(data.severity)));
      fit(place.toBounds(Math.max(radius * 6, 2000)));
      FloodMap.marker(place, pin, 22, 22).addTo(map);
    } else {
      map.setView([25, 10], 2);
    }
    const outlined = outline(made, data).then(function (bounds) { if (!hasPlace && bounds) fit(bounds); });
    Promise.all([made.ready, outlined]).then(function () { data.ready = 'true'; });
    return made;
  };

  // Draws data-outlines with the names of towns. Answers the outlines' bounds, where there are any.
  function outline(made, data) {
    if (!data.outlines) return Promise.resolve(null);
    return FloodMap.fetchJson(data.outlines).then(function (got) {
      const areas = FloodMap.areas(made.map);
      data.areas = areas.set(got.json, !('lat' in data));
      FloodMap.labels(made.map)(got.json.places);
      return areas.bounds();
    }).catch(function () { made.note('map_areas_failed'); });
  }

  // `options`: lat, lon, zoom or bounds, onmove({lat, lon, zoom, by: 'person' or 'setting'}).
  FloodMap.picker = function (element, options) {
    const given = options || {};
    element.dataset.stepPx = PIN_STEP_PX;
    const made = FloodMap.create(element, FloodMap.words('map_picker_name'), FloodMap.words('map_picker_help'));
    const map = made.map;
    const lat = parseFloat(given.lat);
    const lon = parseFloat(given.lon);
    const closest = element.dataset.tileUrl || element.dataset.pmtilesUrl ? CLOSEST_ZOOM : CLOSEST_WITHOUT_STREETS;
    let around = null;
    let timer = 0;
    let bySetting = false;

    function getPlace() {
      const at = map.getCenter().wrap();
      return { lat: Number(at.lat.toFixed(5)), lon: Number(at.lng.toFixed(5)) };
    }

    function setPlace(lat, lon, accuracyM) {
      bySetting = true;
      if (around) around.remove();
      around = accuracyM ? L.circle([lat, lon], { radius: accuracyM, className: 'map-ring', interactive: false }).addTo(map) : null;
      if (around) map.fitBounds(around.getBounds(), { maxZoom: closest, animate: false });
      map.setView([lat, lon], around ? map.getZoom() : Math.max(map.getZoom(), Math.min(PLACE_ZOOM, closest)), { animate: false });
      bySetting = false;
    }

    // Zooming by wheel, fingers or buttons keeps what is under the pin.
    map.options.scrollWheelZoom = map.options.touchZoom = map.options.doubleClickZoom = 'center';
    if (given.bounds) map.fitBounds(given.bounds, { animate: false });
    else map.setView([lat, lon], Math.min(given.zoom || PLACE_ZOOM, closest));
    const pin = element.appendChild(FloodMap.element('span', 'map-picker-pin'));
    pin.setAttribute('aria-hidden', 'true');
    map.on('click', function (event) { map.panTo(event.latlng); });
    map.on('moveend', function () {
      const place = getPlace();
      const told = { lat: place.lat, lon: place.lon, zoom: map.getZoom(), by: bySetting ? 'setting' : 'person' };
      // Announced after the other listeners of the same key or touch have run.
      if (given.onmove) setTimeout(function () { given.onmove(told); }, 0);
      clearTimeout(timer);
      timer = setTimeout(function () { made.say(FloodMap.words('map_picker_moved', place)); }, SAY_AFTER_MS);
    });
    nameTowns(map, element.dataset.names);
    made.ready.then(function () { element.dataset.ready = 'true'; });
    return { setPlace: setPlace, getPlace: getPlace, map: map };
  };

  // Names of the towns around the pin, down to hamlets when it is near: without streets they tell where one is.
  function nameTowns(map, address) {
    const label = FloodMap.labels(map);
    let timer = 0;
    let asked = '';
    function ask() {
      const at = map.getCenter().wrap();
      const half = map.getCenter().distanceTo(map.getBounds().getNorthEast()) / 1000;
      // The answer holds half as much again on each side, and few names: the more of them lie in view, the better.
      const radius = RADII_KM.find(function (one) { return half <= one * NAMED_BEYOND; });
      const query = '?show=reports&lat=' + at.lat.toFixed(2) + '&lon=' + at.lng.toFixed(2) + '&radius_km=' + radius;
      if (!address || !radius || query === asked) return;
      asked = query;
      FloodMap.fetchJson(address + query).then(function (got) {
        if (query === asked) label(got.json.places);
      }).catch(function () { asked = ''; });
    }
    map.on('moveend', function () {
      clearTimeout(timer);
      timer = setTimeout(ask, NAMES_AFTER_MS);
    });
    ask();
  }

  document.querySelectorAll('.map[data-small]').forEach(FloodMap.small);
})();
