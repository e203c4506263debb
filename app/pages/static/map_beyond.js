// What the list leaves out: clusters of all reports, less those that are known one by one, and the reports in view.
(function () {
  'use strict';
  const FloodMap = window.FloodMap;
  if (!FloodMap) return;

  const L = window.L;
  const WAIT_MS = 300;
  // Reports that are loaded one by one: in a view of a town, and in one of a few streets.
  const TOWN_ZOOM = 11;
  const STREET_ZOOM = 15;
  const MOST_IN_TOWN = 200;
  const MOST_IN_STREETS = 500;
  const MOST_PAGES = 12;
  const MOST_HELD = 600;

  // options: clustersUrl, reportsUrl, filters() as a query, read(document) that makes items of a list's entries, changed(),
  // note(isOver).
  FloodMap.beyond = function (map, options) {
    let clusters = null; // null: the list has all
    const held = new Map();
    let whole = null; // of these bounds every report is known
    let timer = 0;
    let turn = 0;

    function take(given) {
      clusters = given;
      turn += 1;
      whole = null;
      if (!clusters) held.clear();
    }

    // What is in view now: its clusters, and if they are few enough its reports.
    function look() {
      clearTimeout(timer);
      whole = null;
      if (!clusters) return;
      const mine = turn += 1;
      timer = setTimeout(function () { load(mine); }, WAIT_MS);
    }

    function load(mine) {
      const bounds = map.getBounds();
      const box = boxOf(bounds);
      const query = '?' + [box && 'bbox=' + box, options.filters()].filter(Boolean).join('&');
      FloodMap.fetchJson(options.clustersUrl + query).then(function (got) {
        if (mine !== turn) return null;
        clusters = got.json.clusters;
        options.changed();
        const count = FloodMap.count(clusters);
        const most = map.getZoom() >= STREET_ZOOM ? MOST_IN_STREETS : map.getZoom() >= TOWN_ZOOM ? MOST_IN_TOWN : 0;
        return box && count && count <= most ? loadPages(mine, options.reportsUrl + query, bounds, new Set(), MOST_PAGES) : null;
      }).then(function () { if (mine === turn) options.note(true); }, function () { if (mine === turn) options.note(false); });
    }

    function loadPages(mine, address, bounds, met, left) {
      return FloodMap.fetchPage(address).then(function (page) {
        if (mine !== turn) return null;
        options.read(page).forEach(function (item) {
          met.add(item.id);
          held.set(item.id, item);
        });
        const next = page.getElementById('more-reports');
        if (!next) whole = bounds;
        forget(bounds, met);
        options.changed();
        return next && left > 1 ? loadPages(mine, next.getAttribute('href'), bounds, met, left - 1) : null;
      });
    }

    // What is not there any more goes; and an old phone holds some hundred reports, those in view.
    function forget(bounds, met) {
      held.forEach(function (item, id) {
        const isInView = bounds.contains([item.lat, item.lon]);
        if (isInView ? whole && !met.has(id) : held.size > MOST_HELD) held.delete(id);
      });
    }

    // Pins of the reports that are not in the list, and one cluster for each tile with others.
    function items(listed) {
      if (!clusters) return [];
      const ids = new Set(listed.map(function (item) { return item.id; }));
      const more = Array.from(held.values()).filter(function (item) { return !ids.has(item.id); });
      const known = listed.concat(more);
      return more.concat(clusters.map(function (one, at) { return restOf(one, at, known); }).filter(Boolean));
    }

    function restOf(one, at, known) {
      const count = one.count - FloodMap.count(known.filter(function (item) { return isIn(one.bbox, item); }));
      if (count <= 0 || (whole && whole.contains([one.lat, one.lon]))) return null;
      return {
        id: 'rest-' + at, kind: 'rest', lat: one.lat, lon: one.lon, severity: FloodMap.severity(one.severity), count: count, bbox: one.bbox,
        title: FloodMap.words('map_rest', { count: count }), detail: '', href: options.reportsUrl + '?' + ['bbox=' + one.bbox.join(), options.filters()].filter(Boolean).join('&'),
      };
    }

    map.on('moveend', look);
    return { take: take, look: look, items: items, isWhole: function () { return !clusters || Boolean(whole); }, find: function (id) { return held.get(id); } };
  };

  // West and north edges belong to a tile, east and south ones to the next.
  function isIn(box, item) { return item.lon >= box[0] && item.lon < box[2] && item.lat > box[1] && item.lat <= box[3]; }

  // The view, a little wider, on a grid that many views share; none for the whole world.
  function boxOf(bounds) {
    const west = bounds.getWest();
    const east = bounds.getEast();
    if (east - west >= 360) return '';
    const step = east - west > 1 ? 0.1 : 0.001;
    return [down(wrapped(west), step), Math.max(-90, down(bounds.getSouth(), step)), up(wrapped(east), step), Math.min(90, up(bounds.getNorth(), step))].join();
  }

  function wrapped(lon) { return L.latLng(0, lon).wrap().lng; }
  function down(value, step) { return Number((Math.floor(value / step) * step).toFixed(3)); }
  function up(value, step) { return Number((Math.ceil(value / step) * step).toFixed(3)); }
})();
