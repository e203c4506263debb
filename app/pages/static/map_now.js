// The Now page's map: its markers are the page's list, its view stands in the address, numbers pick what is in view.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  const element = document.getElementById('map');
  if (!FloodMap || !element) return;

  const L = window.L;
  const MOST_NUMBERED = 9;
  const SAY_AFTER_MS = 500;
  const CLOSE_ZOOM = 14;
  const BADGE_PX = 24;
  const MOVED_PX = 40; // less than a step by a key; a map that changes its size moves by a fraction of one
  const STREETS_ZOOM = 14;
  const REFINED_DEGREES = 0.02;
  const REFINE_AFTER_MS = 300;
  const STATE = /^#map=(\d{1,2})\/(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?)(?:&at=([A-Za-z0-9_-]{1,64}))?$/;
  const data = element.dataset;
  FloodMap.isOnPage = true;
  const made = FloodMap.create(element, FloodMap.words('map_name'), FloodMap.words('map_help'));
  const map = made.map;
  let items = new Map();
  let warned = '';
  let chosen = null;
  let lit = null;
  let popup = null;
  let numbered = [];
  let timer = 0;
  let isStarted = false;
  let rough = [];
  let outlined = null; // as they come with the view
  let refined = ''; // the box in which they are finer
  let refineTimer = 0;
  let refineTurn = 0;

  const start = STATE.exec(location.hash);
  readItems();
  setView(start);
  const first = { zoom: map.getZoom(), center: map.getCenter() };
  const pins = FloodMap.pins(map, pickItem);
  const areas = FloodMap.areas(map, pickArea);
  const label = FloodMap.labels(map);
  const badges = L.layerGroup().addTo(map);
  const reaches = L.layerGroup().addTo(map);
  const beyond = FloodMap.beyond(map, {
    clustersUrl: data.clustersUrl,
    reportsUrl: data.reportsUrl,
    filters: function (isOfList) {
      const asked = new URLSearchParams(location.search);
      return (isOfList ? ['severity_min', 'hours', 'lang'] : ['severity_min']).filter(function (name) { return asked.get(name); })
        .map(function (name) { return name + '=' + encodeURIComponent(asked.get(name)); }).join('&');
    },
    isCounted: function () { return !new URLSearchParams(location.search).get('hours'); },
    read: function (page) { return reportsOf(itemsOf(page)); },
    changed: drawItems,
    note: function (isOver) { made.note('map_reports_failed', isOver); },
  });

  function readItems() { items = itemsOf(document); }

  // What a list's entries say of themselves. A warning is found by its own id and by those that it stands for.
  function itemsOf(page) {
    const found = new Map();
    page.querySelectorAll('.item[data-id]').forEach(function (entry) {
      // Several reports of one connection are one entry: its heading is no link, its reports are.
      const several = entry.querySelector('.several');
      const link = several ? several.querySelector('summary') : entry.querySelector('a[href]');
      const tag = entry.querySelector('.tag');
      const said = Array.prototype.map.call(entry.querySelectorAll('.tag.said'), function (one) { return one.textContent.trim(); });
      const detail = ['.areas', '.distance', 'time'].map(function (what) { return entry.querySelector(what); });
      const item = {
        id: entry.dataset.id, ids: [entry.dataset.id].concat((entry.dataset.ids || '').split(' ')), kind: entry.dataset.kind,
        lat: parseFloat(entry.dataset.lat), lon: parseFloat(entry.dataset.lon), severity: FloodMap.severity(entry.dataset.severity), radiusM: parseFloat(entry.dataset.radiusM),
        title: link ? link.textContent.trim() : '', href: link && link.href || '', count: Number(entry.dataset.count || 1), several: several && several.querySelector('ul'), word: tag ? tag.textContent.trim() : '', entry: entry,
        detail: said.concat(detail.filter(Boolean).map(function (one) { return one.textContent.trim(); })).join(', '), isFirm: 'firm' in entry.dataset, photo: entry.querySelector('img.thumb'),
      };
      found.set(item.id, item);
    });
    return found;
  }

  function reports() { return reportsOf(items); }

  function reportsOf(found) {
    return Array.from(found.values()).filter(function (item) {
      return item.kind === 'report' && Math.abs(item.lat) <= 90 && Math.abs(item.lon) <= 180;
    });
  }

  // The clusters of all reports, if the list leaves some out: they come with the page, or with each view of the map.
  function readClusters() {
    const told = document.getElementById('now-top').dataset.clusters;
    beyond.take(told ? JSON.parse(told) : null);
  }

  function itemOf(id) {
    return items.get(id) || beyond.find(id) || Array.from(items.values()).find(function (item) { return item.ids.indexOf(id) >= 0; });
  }

  // The address's own view, else the place's circle, else all reports, else the world. Areas come later, and widen it.
  function setView(state) {
    const known = reports();
    if (state && state[1] <= map.getMaxZoom() && Math.abs(state[2]) <= 85 && Math.abs(state[3]) <= 180) {
      map.setView([state[2], state[3]], Math.max(map.getMinZoom(), Number(state[1])), { animate: false });
    } else if (data.radiusKm) {
      fit(L.latLng(data.lat, data.lon).toBounds(data.radiusKm * 2000), [12, 12]);
    } else if (known.length) {
      fitAll(boundsOf(known));
    } else {
      map.setView([25, 10], 2);
    }
  }

  function boundsOf(known) { return L.latLngBounds(known.map(function (item) { return [item.lat, item.lon]; })); }

  function widenToAreas() {
    const all = areas.bounds();
    if (isStarted || start || isMoved() || data.radiusKm || !all) return;
    fitAll(boundsOf(reports()).extend(all));
  }

  function isMoved() {
    return map.getZoom() !== first.zoom || map.project(map.getCenter()).distanceTo(map.project(first.center)) > MOVED_PX;
  }

  // Reports at both ends of the world do not fit into a small map, and its middle would show none: then the first is.
  function fitAll(bounds) {
    fit(bounds, [36, 36]);
    const known = reports();
    const seen = map.getBounds();
    if (known.length && !known.some(function (item) { return seen.contains([item.lat, item.lon]); })) {
      map.setView([known[0].lat, known[0].lon], map.getZoom(), { animate: false });
    }
  }

  function fit(bounds, padding) { map.fitBounds(bounds, { padding: padding, maxZoom: CLOSE_ZOOM, animate: false }); }

  function drawItems() {
    const listed = reports();
    const shown = listed.concat(beyond.items(listed));
    data.markers = pins.set(shown);
    data.reports = FloodMap.count(shown);
    data.loaded = String(beyond.isWhole());
    rough = shown.filter(function (item) { return item.radiusM > 0; });
    afterMove();
  }

  // A place that is known to kilometres only is an area: its pin stands in the middle and says nothing nearer.
  function drawReaches() {
    const view = map.getBounds();
    reaches.clearLayers();
    rough.forEach(function (item) {
      const place = L.latLng(item.lat, FloodMap.lonNear(item.lon, map.getCenter().lng));
      if (view.intersects(place.toBounds(item.radiusM * 2))) L.circle(place, { radius: item.radiusM, className: 'map-ring map-reach', interactive: false }).addTo(reaches);
    });
  }

  function drawAreas() {
    const wanted = Array.from(items.values()).filter(function (item) { return item.kind === 'warning'; })
      .map(function (item) { return item.ids.join(); }).sort().concat(data.outlines).join();
    if (wanted === warned || !data.outlines) return Promise.resolve();
    return FloodMap.fetchJson(data.outlines).then(function (got) {
      warned = wanted;
      outlined = got.json;
      refined = '';
      delete data.refined;
      data.areas = areas.set(outlined);
      label(got.json.places);
      widenToAreas();
      made.note('map_areas_failed', true);
      refine();
      afterMove();
    }).catch(function () { made.note('map_areas_failed'); });
  }

  // In a few streets the corners are seen that a wider view need not have: those of the areas in view are asked for.
  function refine() {
    clearTimeout(refineTimer);
    const isNear = map.getZoom() >= STREETS_ZOOM;
    const box = isNear && outlined && outlined.features.length ? FloodMap.boxOf(map.getBounds(), REFINED_DEGREES).join() : '';
    if (!isNear) useCoarse();
    if (!box || box === refined) return;
    const before = outlined;
    const mine = refineTurn += 1;
    refineTimer = setTimeout(function () {
      FloodMap.fetchJson(data.outlines + (data.outlines.indexOf('?') < 0 ? '?' : '&') + 'bbox=' + box).then(function (got) {
        if (mine !== refineTurn || before !== outlined || map.getZoom() < STREETS_ZOOM) return;
        refined = box;
        const fine = new Map(got.json.features.map(function (one) { return [one.id, one]; }));
        areas.set({ features: outlined.features.filter(function (one) { return !fine.has(one.id); }).concat(got.json.features) });
        data.refined = box;
        afterMove();
      }).catch(function () { /* the coarse ones stay */ });
    }, REFINE_AFTER_MS);
  }

  function useCoarse() {
    if (!refined) return;
    refined = '';
    delete data.refined;
    areas.set(outlined);
    afterMove();
  }

  function pickItem(item, place, content, fromKeys) {
    if (!content) map.closePopup();
    choose(item ? item.id : null);
    if (content) open(place, content, fromKeys);
  }

  function pickArea(id, place, fromKeys) {
    const item = itemOf(id);
    const area = areas.find([id]);
    choose(item ? item.id : null);
    open(place, FloodMap.popupOf(item || unlisted(area)), fromKeys);
  }

  // A long list leaves warnings out whose areas are drawn: their pages stand beside those of the others.
  function unlisted(area) {
    const other = Array.from(items.values()).find(function (item) { return item.kind === 'warning'; });
    return {
      title: area.title || FloodMap.words('map_area'), severity: area.severity, word: FloodMap.words('map_unlisted'),
      href: other ? other.href.replace(other.id, area.id) : '',
    };
  }

  // By the keyboard on a pin the focus goes into the popup; by a number it stays, so that the next number works.
  function open(place, content, isFocused) {
    const opener = document.activeElement;
    popup = null;
    const opened = popup = FloodMap.popup(map, place, content);
    const link = content.querySelector('a');
    if (isFocused && link) link.focus({ preventScroll: true });
    opened.on('remove', function () {
      if (popup !== opened) return;
      popup = null;
      const active = document.activeElement;
      const isLost = !active || active === document.body || opened.getElement().contains(active);
      if (isLost) (isFocused && document.contains(opener) ? opener : element).focus({ preventScroll: true });
      choose(null);
    });
  }

  function choose(id) {
    chosen = id;
    mark('chosen', id);
    document.querySelectorAll('.item.chosen').forEach(function (entry) { entry.classList.remove('chosen'); });
    if (items.has(id)) items.get(id).entry.classList.add('chosen');
    writeState();
  }

  function mark(className, id) {
    pins.mark(className, id);
    areas.mark(className, items.has(id) ? items.get(id).ids : []);
  }

  // From the list: go there, and open it.
  function show(id) {
    const item = items.get(id);
    useCoarse();  // whole, where the finer ones are cut
    const area = item && areas.find(item.ids);
    if (!item || (item.kind === 'warning' && !area)) return;
    turnTo('map');
    element.scrollIntoView({ block: 'nearest' });
    if (area) map.fitBounds(area.layer.getBounds(), { padding: [24, 24], maxZoom: CLOSE_ZOOM, animate: false });
    else map.setView([item.lat, item.lon], Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
    choose(id);
    open(area ? FloodMap.middleOf(map, area) : L.latLng(item.lat, item.lon), FloodMap.popupOf(item), true);
  }

  function writeState() {
    if (!isStarted) return;
    history.replaceState(history.state, '', location.pathname + location.search + viewOf() + (chosen ? '&at=' + chosen : ''));
  }

  function viewOf() {
    const middle = map.getCenter().wrap();
    return '#map=' + [map.getZoom(), middle.lat.toFixed(4), middle.lng.toFixed(4)].join('/');
  }

  function afterMove() {
    drawReaches();
    const here = pins.inView().map(function (one) {
      return { place: one.place, pick: function () { pins.activate(one, false); } };
    }).concat(areas.inView().map(function (one) {
      const place = FloodMap.middleOf(map, one);
      return { place: place, isArea: true, pick: function () { pickArea(one.id, place, false); } };
    }));
    numbered = here.length <= MOST_NUMBERED ? here : [];
    badges.clearLayers();
    const taken = [];
    numbered.forEach(function (one, at) {
      const badge = FloodMap.element('span', 'map-key', String(at + 1));
      badge.setAttribute('aria-hidden', 'true');
      // Areas that share a middle have their numbers side by side.
      let spot = map.latLngToLayerPoint(one.place);
      taken.forEach(function (other) {
        if (one.isArea && other.distanceTo(spot) < BADGE_PX) spot = other.add([BADGE_PX, 0]);
      });
      taken.push(spot);
      const inside = one.isArea ? 10 : 24;
      FloodMap.marker(map.layerPointToLatLng(spot), badge, inside, inside, { zIndexOffset: 2000 }).addTo(badges);
    });
    mark('chosen', chosen);
  }

  function sayView() {
    clearTimeout(timer);
    timer = setTimeout(function () {
      const seen = pins.inView().reduce(function (sum, one) { return sum + FloodMap.count(one.items); }, 0);
      made.say([
        FloodMap.words('map_view', { reports: seen, areas: areas.inView().length }),
        numbered.length ? FloodMap.words('map_view_keys', { last: numbered.length }) : '',
      ].join(' '));
    }, SAY_AFTER_MS);
  }

  // On a phone the map and the list are behind tabs.
  function turnTo(which) {
    document.dispatchEvent(new CustomEvent('floodmanager:show', { detail: which }));
    made.measure();
  }

  function leave() {
    turnTo('list');
    const entry = (items.get(chosen) || items.values().next().value || {}).entry;
    const link = entry ? entry.querySelector('a[href]') : document.querySelector('#now a, #now button, #main a');
    if (link) link.focus();
  }

  element.addEventListener('keydown', function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const one = /^[1-9]$/.test(event.key) ? numbered[event.key - 1] : null;
    if (one) {
      one.pick();
      const item = itemOf(chosen);
      if (item) {
        clearTimeout(timer);
        const name = FloodMap.nameOf(item) + '.';
        made.say(item.href ? FloodMap.words('map_chosen', { name: name }) : name);
      }
    } else if (event.key === 'Enter' && event.target === element && itemOf(chosen) && itemOf(chosen).href) {
      location.assign(itemOf(chosen).href);
    } else if (event.key === 'Escape') {
      if (!popup) { leave(); return; }
      map.closePopup();
    } else return;
    event.preventDefault();
  });

  map.on('moveend', function () {
    if (element.contains(document.activeElement)) sayView();
    refine();
    afterMove();
    writeState();
  });

  // The list may be replaced at any time, so its events are heard on the document.
  document.addEventListener('click', function (event) {
    const link = event.target.closest && event.target.closest('[data-show-on-map]');
    if (!link) return;
    event.preventDefault();
    show(link.dataset.showOnMap);
  });
  ['mouseover', 'focusin'].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      if (element.contains(event.target)) return;
      const entry = event.target.closest && event.target.closest('.item[data-id]');
      const id = entry ? entry.dataset.id : null;
      if (id !== lit) mark('lit', id);
      lit = id;
    });
  });
  document.addEventListener('floodmanager:refreshed', function () {
    readItems();
    readClusters();
    drawItems();
    drawAreas();
    if (start || isMoved()) beyond.look();
    if (chosen && !itemOf(chosen)) map.closePopup();
    else if (items.has(chosen)) items.get(chosen).entry.classList.add('chosen');
  });
  window.addEventListener('hashchange', function () {
    const state = STATE.exec(location.hash);
    if (state) setView(state);
  });

  if (data.radiusKm) FloodMap.place(map, data.lat, data.lon, data.radiusKm * 1000, Number(data.accuracyM));
  readClusters();
  drawItems();
  if (start) beyond.look();
  const outlines = drawAreas();
  const begun = made.ready.then(function () {
    data.ready = 'true';
    return outlines;
  }).then(function () {
    isStarted = true;
    if (start && start[4] && items.has(start[4])) {
      const item = items.get(start[4]);
      const area = areas.find(item.ids);
      choose(item.id);
      if (area || item.kind === 'report') open(area ? FloodMap.middleOf(map, area) : L.latLng(item.lat, item.lon), FloodMap.popupOf(item), false);
    }
  });
  // Asked for before this script was there, perhaps for an area that is still on its way.
  document.addEventListener('floodmanager:show-on-map', function (event) {
    begun.then(function () { show(event.detail); });
  });
})();
