// The first page: filters without reloading the page, and a quiet refresh. Without it links and forms do.
(function () {
  'use strict';
  if (!window.fetch || !window.DOMParser || !document.querySelector) { return; }
  var REFRESH_MS = 60000;
  // How often it is asked whether a report has changed here: while the page is looked at, while it is not, and at most
  // after failures. Each page waits a little longer or shorter than the others.
  var PULSE_MS = 5000;
  var PULSE_HIDDEN_MS = 15000;
  var PULSE_LATE_MS = 120000;
  var NEAR_VIEW_PX = 200;
  var BURST_MS = 10000;  // at least between two refreshes
  var LATE_MS = 10000;
  var PARTS = ['now-top', 'now'];
  var words = {};
  try { words = JSON.parse(document.getElementById('words').textContent); } catch (missing) { /* silent then */ }
  var picture = document.getElementById('map');
  var tabs = document.getElementById('tabs');
  var panels = {'map-tab': document.getElementById('map-panel'), 'list-tab': null};
  var live = document.getElementById('live');
  var filters = document.getElementById('filters');
  var asOf = Date.now();
  var asking = null;

  // The form of a report opens its map there.
  if (picture && picture.dataset.lat) {
    try { sessionStorage.setItem('floodmanager-place', JSON.stringify([Number(picture.dataset.lat), Number(picture.dataset.lon)])); } catch (refused) { /* none then */ }
  }

  function say(key, values) {
    var text = (words[key] || '').replace(/\{(\w+)\}/g, function (all, name) { return name in values ? values[name] : all; });
    if (live && text) { live.textContent = text; }
  }

  // The map's files weigh more than all else: they are asked for when the map is nearly in view, its tab is chosen, or
  // the address holds a view of it.
  var loading = null;

  function add(tag, values) {
    return new Promise(function (resolve, reject) {
      var made = document.createElement(tag);
      Object.assign(made, values, {onload: resolve, onerror: reject});
      document.head.appendChild(made);
    });
  }

  function loadMap() {
    if (loading || !picture) { return loading || Promise.resolve(); }
    var scripts = picture.dataset.scripts.trim().split(/\s+/);
    // On their way together, but run after the styles: Leaflet measures what it makes.
    scripts.forEach(function (address) { add('link', {rel: 'preload', as: 'script', href: address}).catch(function () { /* asked for again below */ }); });
    loading = Promise.all(picture.dataset.styles.trim().split(/\s+/).map(function (address) {
      return add('link', {rel: 'stylesheet', href: address});
    })).then(function () {
      return Promise.all(scripts.map(function (address) { return add('script', {src: address, async: false}); }));
    }).then(function () {
      if (!window.FloodMap) { throw new Error('no map'); }
    }).catch(withoutMap);
    return loading;
  }

  // Its files have not come: no empty box in its place, and nothing that leads to it.
  function withoutMap() {
    picture.remove();
    picture = null;
    document.getElementById('now-page').classList.remove('has-map');
    if (tabs) { layTabs(); }
  }

  function watchMap() {
    if (!picture) { return; }
    if (!window.ResizeObserver) { withoutMap(); return; }
    picture.hidden = false;
    document.getElementById('now-page').classList.add('has-map');
    if (!window.IntersectionObserver || location.hash.indexOf('#map=') === 0) { loadMap(); return; }
    var watch = new IntersectionObserver(function (seen) {
      if (!seen.some(function (one) { return one.isIntersecting; })) { return; }
      watch.disconnect();
      loadMap();
    }, {rootMargin: NEAR_VIEW_PX + 'px'});
    watch.observe(picture);
  }

  // Until the map is there, this leads to it; then its own script does.
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('[data-show-on-map]');
    if (!link || !picture || event.defaultPrevented || window.FloodMap && window.FloodMap.isOnPage) { return; }
    event.preventDefault();
    document.dispatchEvent(new CustomEvent('floodmanager:show', {detail: 'map'}));
    loadMap().then(function () {
      document.dispatchEvent(new CustomEvent('floodmanager:show-on-map', {detail: link.dataset.showOnMap}));
    });
  });

  // What is focused in the parts that are replaced is found again by its id, its link, or its place in an entry.
  function describe(held) {
    var entry = held.closest('[data-id]');
    var href = held.getAttribute('href');
    var kind = held.tagName.toLowerCase() + (held.dataset.showOnMap ? '[data-show-on-map]' : '');
    return function () {
      if (held.id) { return document.getElementById(held.id); }
      if (entry) { return document.querySelector('#now [data-id="' + entry.dataset.id + '"] ' + kind); }
      return Array.prototype.find.call(document.querySelectorAll('#now a[href]'), function (link) { return href && link.getAttribute('href') === href; });
    };
  }

  function parse(text) { return new DOMParser().parseFromString(text, 'text/html'); }

  function take(fresh) {
    var parts = PARTS.map(function (id) { return [document.getElementById(id), fresh.getElementById(id)]; });
    if (!parts.every(function (pair) { return pair[0] && pair[1]; })) { throw new Error('no such part'); }
    var map = document.getElementById('map');
    var held = parts.some(function (pair) { return pair[0].contains(document.activeElement); }) ? describe(document.activeElement) : null;
    if (map) { map.dataset.outlines = parts[0][1].dataset.outlines; }
    document.querySelectorAll('#now [data-id] details[open]').forEach(function (open) {
      var same = fresh.querySelector('#now [data-id="' + open.closest('[data-id]').dataset.id + '"] details');
      if (same) { same.open = true; }
    });
    parts.forEach(function (pair) { pair[0].replaceWith(document.importNode(pair[1], true)); });
    document.title = fresh.title;
    var same = held && held();
    if (same) { same.focus({preventScroll: true}); }
    asOf = Date.now();
    document.dispatchEvent(new CustomEvent('floodmanager:refreshed'));
  }

  // Adds the page of the list that comes after what a document shows; rejected if it cannot be read.
  function follow(page) {
    var link = page.getElementById('more-reports');
    var list = page.getElementById('reports');
    if (!link || !list) { return Promise.resolve(null); }
    return fetchText(link.getAttribute('href')).then(function (text) {
      var next = parse(text);
      var first = null;
      next.querySelectorAll('#reports > .item').forEach(function (entry) {
        if (list.querySelector('[data-id="' + entry.dataset.id + '"]')) { return; }
        var added = list.appendChild(page.importNode(entry, true));
        first = first || added;
      });
      var note = page.getElementById('newest-note');
      if (note) { note.remove(); }
      var further = next.getElementById('more-reports');
      if (further) { link.setAttribute('href', further.getAttribute('href')); } else { link.parentNode.remove(); }
      return first;
    });
  }

  // As many pages as the person had opened: no entry that was shown is lost, and none stays that is not there any more.
  function followAll(page, left) {
    return left > 0 ? follow(page).then(function () { return followAll(page, left - 1); }, function () { return null; }) : Promise.resolve(null);
  }

  // "Show 50 more": the following page of the list of reports, whose entries join the list and the map.
  var more = 0;
  var isFollowing = false;
  var isWanted = false;

  function showMore() {
    var list = document.getElementById('reports');
    if (isFollowing || !list) { return; }
    isWanted = Boolean(asking);
    if (isWanted) { return; }
    isFollowing = true;
    follow(document).then(function (first) {
      if (!list.isConnected) { return; }  // another view was chosen meanwhile
      more += 1;
      document.dispatchEvent(new CustomEvent('floodmanager:refreshed'));
      say('now_more', {reports: countShown()});
      var way = first && first.querySelector('a[href], summary');
      if (way) { way.focus({preventScroll: true}); }
    }, function () {
      say('now_not_refreshed', {ago: new Date(asOf).toLocaleTimeString(document.documentElement.lang)});
    }).then(function () { isFollowing = false; });
  }

  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('#now #more-reports');
    if (!link || !document.getElementById('reports') || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    showMore();
  });

  function countShown() {
    return Array.from(document.querySelectorAll('.item[data-kind=report]')).reduce(function (sum, one) { return sum + Number(one.dataset.count || 1); }, 0);
  }

  function fetchText(address, signal) {
    return fetch(address, {signal: signal, headers: {Accept: 'text/html'}, credentials: 'same-origin'}).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    });
  }

  // Another view begins with the first page of its list.
  function ask(address, isByPerson) {
    if (asking) { asking.abort(); }
    var mine = asking = window.AbortController ? new AbortController() : {abort: function () {}};
    var late = setTimeout(function () { mine.abort(); }, LATE_MS);
    var before = document.querySelectorAll('.item').length;
    if (isByPerson) { more = 0; }
    return fetchText(address, mine.signal).then(function (text) {
      clearTimeout(late);
      var fresh = parse(text);
      return followAll(fresh, more).then(function () { return fresh; });
    }).then(function (fresh) {
      if (mine !== asking) { throw new DOMException('another was asked meanwhile', 'AbortError'); }
      take(fresh);
      isChanged = false;
      document.dispatchEvent(new CustomEvent('floodmanager:reached'));
      if (isByPerson || document.querySelectorAll('.item').length !== before) {
        say('now_refreshed', {
          reports: countShown(),
          warnings: document.querySelectorAll('.item[data-kind=warning]').length,
        });
      }
    }).catch(function (reason) {
      if (mine === asking && reason.name !== 'AbortError') { say('now_not_refreshed', {ago: new Date(asOf).toLocaleTimeString(document.documentElement.lang)}); }
      throw reason;
    }).then(done, function (reason) { done(); throw reason; });

    function done() {
      clearTimeout(late);
      if (mine === asking) { asking = null; }
      if (!asking && isWanted) { showMore(); }
    }
  }

  function refresh() {
    if (document.hidden || asking || isFollowing || Date.now() - asOf < (isChanged && !more ? BURST_MS : REFRESH_MS - 1000)) { return; }
    ask(location.pathname + location.search, false).catch(function () { /* said already; the list stays as it was */ });
  }
  setInterval(refresh, REFRESH_MS);

  // A short answer tells whether any report has changed here; only then the page is asked again.
  var pulse = document.getElementById('now-page').dataset.pulse;
  var token = null;
  var isChanged = false;
  var failures = 0;

  function listen() {
    var usual = document.hidden ? PULSE_HIDDEN_MS : PULSE_MS;
    setTimeout(feel, Math.min(usual * Math.pow(2, failures), PULSE_LATE_MS) * (0.8 + 0.4 * Math.random()));
  }

  function feel() {
    if (navigator.onLine === false) { listen(); return; }
    fetch(pulse, {credentials: 'same-origin'}).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (told) {
      failures = 0;
      isChanged = isChanged || (token !== null && told.token !== token);
      token = told.token;
      if (isChanged) { refresh(); }
    }).catch(function () { failures += 1; }).then(listen);
  }
  if (pulse) { feel(); }
  document.addEventListener('visibilitychange', refresh);
  window.addEventListener('online', refresh);

  // On a phone the map or the list; with a place the map first, for the list is long.
  var narrow = window.matchMedia('(max-width: 899px)');

  function panelOf(tab) { return panels[tab.id] || document.getElementById('now'); }

  function choose(tab, isFocused) {
    tabs.querySelectorAll('[role=tab]').forEach(function (one) {
      var isChosen = one === tab;
      one.setAttribute('aria-selected', String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
      panelOf(one).hidden = !isChosen;
    });
    if (isFocused) { tab.focus(); }
    history.replaceState(Object.assign({}, history.state, {tab: tab.id}), '');
  }

  function layTabs() {
    var chosen = tabs.querySelector('[aria-selected=true]');
    var isParted = narrow.matches && Boolean(picture);
    tabs.hidden = !isParted;
    tabs.querySelectorAll('[role=tab]').forEach(function (one) {
      var panel = panelOf(one);
      panel.hidden = isParted && one !== chosen;
      if (isParted) { panel.setAttribute('role', 'tabpanel'); panel.setAttribute('aria-labelledby', one.id); }
      else { panel.removeAttribute('role'); panel.removeAttribute('aria-labelledby'); }
    });
  }

  if (tabs && picture) {
    var before = history.state && document.getElementById(history.state.tab);
    choose(before || document.getElementById(picture.dataset.lat ? 'map-tab' : 'list-tab'), false);
    layTabs();
    narrow.addEventListener('change', layTabs);
    tabs.addEventListener('click', function (event) {
      var tab = event.target.closest('[role=tab]');
      if (tab) { choose(tab, true); }
    });
    tabs.addEventListener('keydown', function (event) {
      if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].indexOf(event.key) < 0) { return; }
      var all = Array.from(tabs.querySelectorAll('[role=tab]'));
      var other = event.key === 'Home' ? 0 : event.key === 'End' ? 1 : 1 - all.indexOf(event.target);
      choose(all[other], true);
      event.preventDefault();
    });
    document.addEventListener('floodmanager:refreshed', layTabs);
    // What leads from the list to the map, or back by Escape.
    document.addEventListener('floodmanager:show', function (event) {
      if (narrow.matches && picture) { choose(document.getElementById(event.detail + '-tab'), false); }
    });
  }

  watchMap();

  // Filters that keep the place need no new page; another radius draws another map.
  if (filters) {
    filters.querySelector('button').hidden = true;
    filters.addEventListener('change', function (event) {
      if (event.target.name === 'radius_km') { filters.submit(); return; }
      var said = new URLSearchParams(new FormData(filters));
      Array.from(said.keys()).forEach(function (name) { if (!said.get(name)) { said.delete(name); } });
      var address = location.pathname + '?' + said;
      ask(address, true).then(function () {
        history.replaceState(null, '', address + location.hash);
      }, function () { filters.submit(); });
    });
  }
})();
