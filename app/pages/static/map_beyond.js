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

  // options: clustersUrl, reportsUrl, filters(isOfList) as a query, isCounted() whether documents count what is listed,
  // read(document) that makes items of a list's entries, changed(), note(isOver).
  FloodMap.beyond = function (map, options) {
    const held = new Map();
    let clusters = null; // null: the list has all
    let box = null; // west, south, east, north of the view that the clusters count in; null for those of the page, and of the world
    let whole = null; // of these bounds every report is known
    let chosen = '';
    let timer = 0;
    let turn = 0;

    function take(given) {
      clusters = given;
      box = null;
      turn += 1;
      whole = null;
      if (!clusters || chosen !== options.filters(true)) held.clear();
      chosen = options.filters(true);
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
      const asked = boxOf(bounds);
      count(asked).then(function (found) {
        if (mine !== turn) return null;
        clusters = found || [];
        box = asked;
        options.changed();
        const number = FloodMap.count(clusters);
        const most = map.getZoom() >= STREET_ZOOM ? MOST_IN_STREETS : map.getZoom() >= TOWN_ZOOM && found ? MOST_IN_TOWN : -1;
        if (asked && number <= most) return loadPages(mine, address(options.reportsUrl, asked, true), bounds, new Set(), MOST_PAGES);
        if (!found) throw new Error('not counted');
        return null;
      }).then(function () { if (mine === turn) options.note(true); }, function () { if (mine === turn) options.note(false); });
    }

    // Null if the number is not known: for some hours, or because documents cannot be read.
    function count(asked) {
      if (!options.isCounted()) return Promise.resolve(null);
      return FloodMap.fetchJson(address(options.clustersUrl, asked, false)).then(function (got) { return got.json.clusters; });
    }

    function address(url, asked, isOfList) { return url + '?' + [asked && 'bbox=' + asked.join(), options.filters(isOfList)].filter(Boolean).join('&'); }

    function loadPages(mine, from, bounds, met, left) {
      return FloodMap.fetchPage(from).then(function (page) {
        if (mine !== turn) return null;
        options.read(page).forEach(function (item) {
          met.add(item.id);
          held.set(item.id, item);
        });
        const next = page.getElementById('more-reports');
        if (!next) whole = bounds;
        forget(bounds, met);
        options.changed();
        if (next && left > 1) return loadPages(mine, next.getAttribute('href'), bounds, met, left - 1);
        if (next) throw new Error('too many');
        return null;
      });
    }

    // What is not there any more goes; and an old phone holds some hundred reports, those in view.
    function forget(bounds, met) {
      held.forEach(function (item, id) {
        if (contains(bounds, item) ? whole && !met.has(id) : held.size > MOST_HELD) held.delete(id);
      });
    }

    // Pins of the reports that are not in the list, and one cluster for each tile with others.
    function items(listed) {
      if (!clusters) return [];
      const ids = new Set(listed.map(function (item) { return item.id; }));
      const more = Array.from(held.values()).filter(function (item) { return !ids.has(item.id); });
      const known = listed.concat(more).filter(isInView);
      return more.concat(clusters.map(function (one, at) { return restOf(one, at, known); }).filter(Boolean));
    }

    // Clusters of a view count what is in it; those that came with the page, what its list is of.
    function isInView(item) { return !box || isInBox(box, item); }

    function restOf(one, at, known) {
      const count = one.count - FloodMap.count(known.filter(function (item) { return isInTile(one.bbox, item); }));
      if (count <= 0 || (whole && contains(whole, one))) return null;
      return {
        id: 'rest-' + at, kind: 'rest', lat: one.lat, lon: one.lon, severity: FloodMap.severity(one.severity), count: count, bbox: one.bbox,
        title: FloodMap.words('map_rest', { count: count }), detail: '', href: address(options.reportsUrl, one.bbox, true),
      };
    }

    map.on('moveend', look);
    return { take: take, look: look, items: items, isWhole: function () { return !clusters || Boolean(whole); }, find: function (id) { return held.get(id); } };
  };

  // Bounds of a map may reach beyond the antimeridian.
  function contains(bounds, item) {
    const middle = bounds.getCenter().lng;
    return bounds.contains([item.lat, FloodMap.lonNear(item.lon, middle)]);
  }

  // West and north edges belong to a tile, east and south ones to the next.
  function isInTile(box, item) {
    const isEast = item.lon < box[2] || (item.lon === 180 && box[2] === 180);
    return item.lon >= box[0] && isEast && item.lat > box[1] && item.lat <= box[3];
  }

  function isInBox(box, item) {
    const isAcross = box[0] <= box[2] ? item.lon >= box[0] && item.lon <= box[2] : item.lon >= box[0] || item.lon <= box[2];
    return isAcross && item.lat >= box[1] && item.lat <= box[3];
  }

  // The view, a little wider, on a grid that many views share, of `step` degrees if given; none for the whole world.
  function boxOf(bounds, given) {
    const west = bounds.getWest();
    const east = bounds.getEast();
    if (east - west >= 360) return null;
    const step = given || (east - west > 1 ? 0.1 : 0.001);
    return [down(wrapped(west), step), Math.max(-90, down(bounds.getSouth(), step)), up(wrapped(east), step), Math.min(90, up(bounds.getNorth(), step))];
  }

  FloodMap.boxOf = boxOf;

  function wrapped(lon) { return L.latLng(0, lon).wrap().lng; }
  function down(value, step) { return Number((Math.floor(value / step) * step).toFixed(3)); }
  function up(value, step) { return Number((Math.ceil(value / step) * step).toFixed(3)); }
})();
