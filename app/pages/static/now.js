// The first page: "near me", filters without reloading the page, and a quiet refresh. Without it links and forms do.
(function () {
  'use strict';
  if (!window.fetch || !window.DOMParser || !document.querySelector) { return; }
  var REFRESH_MS = 60000;
  // How often it is asked whether a report has changed here: while the page is looked at, while it is not, and at most
  // after failures. Each page waits a little longer or shorter than the others.
  var PULSE_MS = 5000;
  var PULSE_HIDDEN_MS = 15000;
  var PULSE_LATE_MS = 120000;
  var BURST_MS = 10000;  // at least between two refreshes
  var LATE_MS = 10000;
  var PARTS = ['now-top', 'now'];
  // As app/pages/frame/own_position.py has them.
  var ACCURACIES_M = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
  var words = {};
  try { words = JSON.parse(document.getElementById('words').textContent); } catch (missing) { /* silent then */ }
  var picture = document.getElementById('map');
  if (picture && picture.hidden) { picture.remove(); }  // its script has not come: no empty box in its place
  else { document.getElementById('now-page').classList.add('has-map'); }
  var live = document.getElementById('live');
  var filters = document.getElementById('filters');
  var locate = document.getElementById('locate');
  var note = document.getElementById('place-note');
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

  // What is focused in the part that is replaced is found again by its link, or by its id.
  function focusAgain(href, id) {
    var links = href ? document.querySelectorAll('#now a[href]') : [];
    var same = id ? document.getElementById(id) : Array.prototype.find.call(links, function (link) { return link.getAttribute('href') === href; });
    if (same) { same.focus({preventScroll: true}); }
  }

  function take(text) {
    var fresh = new DOMParser().parseFromString(text, 'text/html');
    var parts = PARTS.map(function (id) { return [document.getElementById(id), fresh.getElementById(id)]; });
    if (!parts.every(function (pair) { return pair[0] && pair[1]; })) { throw new Error('no such part'); }
    var map = document.getElementById('map');
    var held = parts.some(function (pair) { return pair[0].contains(document.activeElement); }) ? document.activeElement : null;
    var href = held && held.getAttribute('href');
    var id = held && held.id;
    if (map) { map.dataset.outlines = parts[0][1].dataset.outlines; }
    keepShown(parts[1][0], parts[1][1]);
    parts.forEach(function (pair) { pair[0].replaceWith(document.importNode(pair[1], true)); });
    document.title = fresh.title;
    if (held) { focusAgain(href, id); }
    asOf = Date.now();
    document.dispatchEvent(new CustomEvent('floodmanager:refreshed'));
  }

  // Reports that a person has asked for stay below the newest, and the way to the following ones.
  function keepShown(old, fresh) {
    var list = fresh.querySelector('#reports');
    var more = old.querySelectorAll('#reports .shown-more');
    if (!list || !more.length) { return; }
    more.forEach(function (entry) {
      if (!list.querySelector('[data-id="' + entry.dataset.id + '"]')) { list.appendChild(document.importNode(entry, true)); }
    });
    var link = fresh.querySelector('#more-reports');
    var now = old.querySelector('#more-reports');
    if (link && now) { link.setAttribute('href', now.getAttribute('href')); } else if (link) { link.parentNode.remove(); }
  }

  // "Show 50 more": the following page of the list of reports, whose entries join the list and the map.
  function showMore(link) {
    if (link.getAttribute('aria-busy')) { return; }
    link.setAttribute('aria-busy', 'true');
    fetch(link.href, {headers: {Accept: 'text/html'}, credentials: 'same-origin'}).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (text) {
      var page = new DOMParser().parseFromString(text, 'text/html');
      var list = document.getElementById('reports');
      var first = null;
      page.querySelectorAll('#reports > .item').forEach(function (entry) {
        if (list.querySelector('[data-id="' + entry.dataset.id + '"]')) { return; }
        entry.classList.add('shown-more');
        var added = list.appendChild(document.importNode(entry, true));
        first = first || added;
      });
      var next = page.getElementById('more-reports');
      if (next) { link.setAttribute('href', next.getAttribute('href')); link.removeAttribute('aria-busy'); } else { link.parentNode.remove(); }
      document.dispatchEvent(new CustomEvent('floodmanager:refreshed'));
      say('now_more', {reports: countShown()});
      var way = first && first.querySelector('a[href], summary');
      if (way) { way.focus({preventScroll: true}); }
    }).catch(function () { location.assign(link.href); });
  }
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('#now #more-reports');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    showMore(link);
  });

  function countShown() {
    return Array.from(document.querySelectorAll('.item[data-kind=report]')).reduce(function (sum, one) { return sum + Number(one.dataset.count || 1); }, 0);
  }

  function ask(address, isByPerson) {
    if (asking) { asking.abort(); }
    var mine = asking = window.AbortController ? new AbortController() : {abort: function () {}};
    var late = setTimeout(function () { mine.abort(); }, LATE_MS);
    var before = document.querySelectorAll('.item').length;
    return fetch(address, {signal: mine.signal, headers: {Accept: 'text/html'}, credentials: 'same-origin'}).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (text) {
      take(text);
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
    }
  }

  function refresh() {
    if (document.hidden || asking || Date.now() - asOf < (isChanged ? BURST_MS : REFRESH_MS - 1000)) { return; }
    isChanged = false;
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
  var tabs = document.getElementById('tabs');
  var narrow = window.matchMedia('(max-width: 899px)');
  var panels = {'map-tab': document.getElementById('map-panel'), 'list-tab': null};

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
    tabs.hidden = !narrow.matches;
    tabs.querySelectorAll('[role=tab]').forEach(function (one) {
      var panel = panelOf(one);
      panel.hidden = narrow.matches && one !== chosen;
      if (narrow.matches) { panel.setAttribute('role', 'tabpanel'); panel.setAttribute('aria-labelledby', one.id); }
      else { panel.removeAttribute('role'); panel.removeAttribute('aria-labelledby'); }
    });
  }

  if (tabs && document.getElementById('map')) {
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
      if (narrow.matches) { choose(document.getElementById(event.detail + '-tab'), false); }
    });
  }

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

  function notFound() {
    note.textContent = words.now_no_location || '';
    document.getElementById('place').focus();
  }

  // About 100 m is exact enough, and no URL shows a home.
  function addressOf(at) {
    var step = ACCURACIES_M.find(function (one) { return at.accuracy <= one; });
    return step && '?lat=' + at.latitude.toFixed(3) + '&lon=' + at.longitude.toFixed(3) + '&accuracy_m=' + step;
  }

  if (locate && navigator.geolocation) {
    locate.hidden = false;
    locate.addEventListener('click', function () {
      note.textContent = words.now_locating || '';
      navigator.geolocation.getCurrentPosition(function (found) {
        var address = addressOf(found.coords);
        if (address) { location.assign(address); } else { notFound(); }
      }, notFound, {enableHighAccuracy: true, timeout: LATE_MS, maximumAge: 60000});
    });
  }
})();
