// Keeps the report form at hand without a connection, and what was last seen with its age. Its server sets `FLOOD` before
// this text: {version, lang, root, form, files, queue, photos, page, sent, words}. Nothing private is kept: no answer with `private` or `no-store`,
// no address with a token, and nothing that is sent.
/* global FLOOD */
(function () {
  'use strict';
  const KEPT = 'floodmanager-kept-' + FLOOD.version;
  const SEEN = 'floodmanager-seen';
  const SEEN_MS = 86400000;
  const SEEN_MOST = 20;
  const PLACES_MOST = 5;
  const SEEN_AT = 'X-Seen-At';
  const SEEN_QUERY = 'X-Seen-Query';
  const SEEN_NAME = 'X-Seen-Name'; // as it stands in the page, with its marks of HTML
  const PLACE = ['place', 'lat', 'lon', 'radius_km'];
  const NETWORK_MS = 10000;
  const OPEN_MS = 3000;
  const files = new Set(FLOOD.files.map(function (file) { return new URL(file, self.location.href).href; }));
  const formPath = FLOOD.root + '/report';
  const startPath = FLOOD.root + '/';

  if (FLOOD.queue) {
    try { importScripts.apply(self, [FLOOD.queue].concat(FLOOD.photos || [])); } catch (missing) { /* pages send what waits */ }
  }

  // Everything but the form may be missing: a missing style must not prevent the form.
  function keepAll() {
    return caches.open(KEPT).then(function (cache) {
      const parts = Array.from(files).map(function (file) {
        return fetch(file, { mode: 'cors', credentials: 'omit' }).then(function (answer) {
          return answer.ok ? cache.put(file, answer) : undefined;
        }).catch(function () {});
      });
      const form = fetch(FLOOD.form, { credentials: 'same-origin', cache: 'reload' }).then(function (answer) {
        if (!answer.ok || isPrivate(answer)) throw new Error('no form');
        return cache.put(formPath, answer);
      });
      return Promise.all(parts.concat(form));
    });
  }

  function isPrivate(answer) {
    return /private|no-store/.test(answer.headers.get('Cache-Control') || '');
  }

  self.addEventListener('install', function (event) {
    event.waitUntil(keepAll().then(function () { return self.skipWaiting(); }));
  });

  self.addEventListener('activate', function (event) {
    event.waitUntil(caches.keys().then(function (names) {
      return Promise.all(names.filter(function (name) {
        return name.indexOf('floodmanager-') === 0 && name !== KEPT && name !== SEEN;
      }).map(function (name) { return caches.delete(name); }));
    }).then(function () { return self.clients.claim(); }).then(keepOpen));
  });

  // The page of a first visit came before there was a worker to keep it. Nothing is answered until this is over, so it is short.
  function keepOpen() {
    const kept = self.clients.matchAll({ type: 'window' }).then(function (pages) {
      return Promise.all(pages.map(function (page) {
        const url = new URL(page.url);
        if (!isPublic(url)) return undefined;
        return fetch(url.href, { headers: { Accept: 'text/html' }, credentials: 'same-origin' }).then(function (answer) {
          return isWorthKeeping(url, answer) ? keepSeen(url, answer) : undefined;
        });
      }));
    }).catch(function () { /* the next visit is kept */ });
    return Promise.race([kept, new Promise(function (resolve) { setTimeout(resolve, OPEN_MS); })]);
  }

  self.addEventListener('fetch', function (event) {
    const request = event.request;
    if (request.method !== 'GET') return;
    if (files.has(request.url)) event.respondWith(keptFile(request));
    else if (request.mode === 'navigate' && new URL(request.url).origin === self.location.origin) event.respondWith(navigated(event));
  });

  function keptFile(request) {
    return caches.match(request.url).then(function (kept) { return kept || fetch(request); });
  }

  function navigated(event) {
    const url = new URL(event.request.url);
    return fromNetwork(event.request, url.pathname === formPath).then(function (answer) {
      if (isWorthKeeping(url, answer)) event.waitUntil(keepSeen(url, answer.clone()));
      if (answer.ok && self.FloodQueue) event.waitUntil(self.FloodQueue.atOnce());
      return answer.status >= 500 ? without(url, answer) : answer;
    }).catch(function () { return without(url); });
  }

  // The form is here at once when the line is too slow to bring it.
  function fromNetwork(request, isForm) {
    const asked = fetch(request);
    if (!isForm) return asked;
    return Promise.race([asked, new Promise(function (resolve, reject) { setTimeout(reject, NETWORK_MS); })]);
  }

  function isPublic(url) {
    const path = url.pathname.slice(FLOOD.root.length);
    return (path === '/' || /^\/(reports|warnings)\/[A-Za-z0-9_-]+$/.test(path)) && !url.searchParams.has('token');
  }

  function isWorthKeeping(url, answer) {
    return isPublic(url) && answer.ok && !answer.redirected && answer.type === 'basic' && !isPrivate(answer);
  }

  // The start page is one for each place, whatever else its address says.
  function nameOf(url) {
    const address = self.location.origin + url.pathname;
    if (url.pathname !== startPath) return address;
    const place = new URLSearchParams();
    PLACE.forEach(function (name) { if (url.searchParams.get(name)) place.set(name, url.searchParams.get(name)); });
    return address + (place.toString() ? '?' + place : '');
  }

  function keepSeen(url, answer) {
    return answer.text().then(function (body) {
      const headers = new Headers({ 'Content-Type': answer.headers.get('Content-Type') || 'text/html; charset=utf-8' });
      const policy = answer.headers.get('Content-Security-Policy');
      if (policy) headers.set('Content-Security-Policy', policy);
      headers.set(SEEN_AT, String(Date.now()));
      headers.set(SEEN_QUERY, url.search);
      headers.set(SEEN_NAME, encodeURIComponent((/ id="place" name="place" value="([^"]*)"/.exec(body) || [])[1] || ''));
      return caches.open(SEEN).then(function (cache) {
        return cache.delete(nameOf(url)).then(function () {
          return cache.put(nameOf(url), new Response(body, { headers: headers }));
        }).then(function () { return forgetOld(cache); });
      });
    }).catch(function () { /* a full disk keeps nothing */ });
  }

  // The newest last: of start pages five places and the one without a place, of others twenty.
  function forgetOld(cache) {
    return cache.keys().then(function (keys) {
      const starts = keys.filter(isStart);
      const places = starts.filter(function (key) { return new URL(key.url).search; });
      const others = keys.filter(function (key) { return !isStart(key); });
      const tooMany = places.slice(0, -PLACES_MOST).concat(others.slice(0, -SEEN_MOST));
      return Promise.all(keys.map(function (key) {
        return cache.match(key).then(function (answer) {
          return tooMany.indexOf(key) >= 0 || isOld(answer) ? cache.delete(key) : undefined;
        });
      }));
    });
  }

  function isStart(key) { return new URL(key.url).pathname === startPath; }

  // The start pages that are kept and not too old, the newest first: [{query, name, at}].
  function seenPlaces() {
    return caches.open(SEEN).then(function (cache) {
      return cache.keys().then(function (keys) {
        return Promise.all(keys.filter(isStart).reverse().map(function (key) { return cache.match(key); }));
      });
    }).then(function (answers) {
      return answers.filter(function (one) { return one && !isOld(one); }).map(function (one) {
        return { query: one.headers.get(SEEN_QUERY) || '', name: decodeURIComponent(one.headers.get(SEEN_NAME) || ''), at: Number(one.headers.get(SEEN_AT)) };
      });
    }).catch(function () { return []; });
  }

  function isOld(answer) {
    return !answer || Date.now() - Number(answer.headers.get(SEEN_AT)) > SEEN_MS;
  }

  // What there is without a connection, or while the service fails: the form, what was seen and when, or a page that says so.
  function without(url, failed) {
    if (url.pathname === formPath) {
      return caches.match(formPath).then(function (kept) { return kept || orElse(failed); });
    }
    if (isOfSent(url)) return sentPage(url).then(function (page) { return page || orElse(failed); });
    return lastSeen(nameOf(url)).then(function (seen) {
      if (!seen) return url.href === self.location.origin + startPath ? lastPlace(failed) : orElse(failed);
      const query = seen.headers.get(SEEN_QUERY) || '';
      // The address says which place is shown, and what of it.
      if (url.pathname !== startPath || url.search === query) return withAge(seen, failed);
      return Response.redirect(self.location.origin + startPath + query);
    });
  }

  function lastPlace(failed) {
    return seenPlaces().then(function (places) {
      return places.length ? Response.redirect(self.location.origin + startPath + places[0].query) : orElse(failed);
    });
  }

  function orElse(failed) {
    return failed || offlinePage();
  }

  function lastSeen(name) {
    return caches.open(SEEN).then(function (cache) { return cache.match(name); }).then(function (seen) {
      return seen && !isOld(seen) ? seen : null;
    }).catch(function () { return null; });
  }

  // What was last seen is listed only where there is something.
  function offlinePage() {
    return seenPlaces().then(function (places) {
      const list = places.map(function (one) {
        const address = startPath + one.query.replace(/&/g, '&amp;').replace(/"/g, '%22');
        const name = one.name || (one.query ? FLOOD.words.position : FLOOD.words.everywhere);
        return '<li><a href="' + address + '">' + name + '</a> ' + timeOf(one.at) + '</li>';
      }).join('');
      const text = list ? FLOOD.page.replace(' data-last-seen hidden', '').replace('<li data-places></li>', list) : FLOOD.page;
      return asPage(text, 503);
    });
  }

  function asPage(text, status) {
    return new Response(text, { status: status, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': FLOOD.policy, 'Cache-Control': 'no-store' } });
  }

  // The page of a sent report is not cached; but the queue keeps its content for a day.
  function isOfSent(url) {
    return url.searchParams.has('token') || url.pathname.indexOf(FLOOD.root + '/report/sent/') === 0;
  }

  function sentPage(url) {
    if (!self.FloodQueue) return Promise.resolve(null);
    return self.FloodQueue.all().then(function (items) {
      const item = items.find(function (one) { return one.sent && new URL(one.sent, self.location.href).href === url.href; });
      const id = item && /\/report\/sent\/([A-Za-z0-9_-]{1,64})$/.exec(url.pathname);
      if (!id) return null;
      const link = url.href.replace(/&/g, '&amp;').replace(/"/g, '%22');
      const short = /^[0-9A-Z-]{9}$/.exec(url.searchParams.get('reference') || '');
      return asPage(FLOOD.sent.replace('{reference}', short ? short[0] : id[1]).replace(/\{link\}/g, function () { return link; }), 200);
    }).catch(function () { return null; });
  }

  function timeOf(milliseconds) {
    const at = new Date(milliseconds);
    return '<time datetime="' + at.toISOString() + '" data-age>' + momentOf(at) + '</time>';
  }

  // By the phone's own clock; a script on the page makes it an age as soon as it is a minute old.
  function momentOf(at) {
    const parts = { weekday: 'long', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
    try { return new Intl.DateTimeFormat(FLOOD.lang, parts).format(at); } catch (missing) { return at.toISOString().slice(0, 16).replace('T', ' ') + ' UTC'; }
  }

  function withAge(seen, failed) {
    const time = timeOf(Number(seen.headers.get(SEEN_AT)));
    return seen.text().then(function (text) {
      const words = (failed ? FLOOD.words.failing : FLOOD.words.offline).replace('{time}', time);
      const note = '<div class="note" role="status"><p>' + words + '</p></div>';
      return new Response(text.replace(/<main\b[^>]*>/, function (main) { return main + note; }), { headers: seen.headers });
    });
  }
})();
