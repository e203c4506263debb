// Keeps the report form at hand without a connection, and what was last seen with its age. Its server sets `FLOOD` before
// this text: {version, root, form, files, page, words}. Nothing private is kept: no answer with `private` or `no-store`,
// no address with a token, and nothing that is sent.
/* global FLOOD */
(function () {
  'use strict';
  const KEPT = 'floodmanager-kept-' + FLOOD.version;
  const SEEN = 'floodmanager-seen';
  const SEEN_MS = 86400000;
  const SEEN_MOST = 20;
  const SEEN_AT = 'X-Seen-At';
  const SEEN_QUERY = 'X-Seen-Query';
  const PLACE = ['place', 'lat', 'lon', 'radius_km'];
  const NETWORK_MS = 10000;
  const OPEN_MS = 3000;
  const files = new Set(FLOOD.files.map(function (file) { return new URL(file, self.location.href).href; }));
  const formPath = FLOOD.root + '/report';
  const startPath = FLOOD.root + '/';

  if (FLOOD.queue) {
    try { importScripts(FLOOD.queue); } catch (missing) { /* pages send what waits */ }
  }

  // Everything but the form may be missing: a style that cannot be had is no reason to have no form.
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

  // The start page is one, wherever one looked: no list of places is kept, for they tell where somebody lives.
  function nameOf(url) {
    return self.location.origin + url.pathname;
  }

  function keepSeen(url, answer) {
    return answer.blob().then(function (body) {
      const headers = new Headers({ 'Content-Type': answer.headers.get('Content-Type') || 'text/html; charset=utf-8' });
      const policy = answer.headers.get('Content-Security-Policy');
      if (policy) headers.set('Content-Security-Policy', policy);
      headers.set(SEEN_AT, String(Date.now()));
      headers.set(SEEN_QUERY, url.search);
      return caches.open(SEEN).then(function (cache) {
        return cache.delete(nameOf(url)).then(function () {
          return cache.put(nameOf(url), new Response(body, { headers: headers }));
        }).then(function () { return forgetOld(cache); });
      });
    }).catch(function () { /* a full disk keeps nothing */ });
  }

  function forgetOld(cache) {
    return cache.keys().then(function (keys) {
      return Promise.all(keys.map(function (key, number) {
        return cache.match(key).then(function (answer) {
          const isTooMany = number < keys.length - SEEN_MOST && new URL(key.url).pathname !== startPath;
          return isTooMany || isOld(answer) ? cache.delete(key) : undefined;
        });
      }));
    });
  }

  function isOld(answer) {
    return !answer || Date.now() - Number(answer.headers.get(SEEN_AT)) > SEEN_MS;
  }

  // What there is without a connection, or while the service fails: the form, what was seen and when, or a page that says so.
  function without(url, failed) {
    if (url.pathname === formPath) {
      return caches.match(formPath).then(function (kept) { return kept || orElse(failed); });
    }
    if (url.searchParams.has('token')) return orElse(failed);
    return lastSeen(nameOf(url)).then(function (seen) {
      if (!seen) return orElse(failed);
      if (url.pathname !== startPath) return withAge(seen, failed);
      const query = seen.headers.get(SEEN_QUERY) || '';
      if (url.search === query) return withAge(seen, failed);
      // The address says which place is shown: another place's page never stands under it.
      return url.search === '' || isSamePlace(url.search, query) ? Response.redirect(nameOf(url) + query) : orElse(failed);
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

  function isSamePlace(one, other) {
    const asked = new URLSearchParams(one);
    const kept = new URLSearchParams(other);
    return PLACE.every(function (name) { return (asked.get(name) || '') === (kept.get(name) || ''); });
  }

  // Its link to what was last seen shows only where there is something.
  function offlinePage() {
    return lastSeen(self.location.origin + startPath).then(function (seen) {
      const text = seen ? FLOOD.page.replace(' data-last-seen hidden', '') : FLOOD.page;
      return new Response(text, { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': FLOOD.policy } });
    });
  }

  function withAge(seen, failed) {
    const at = new Date(Number(seen.headers.get(SEEN_AT))).toISOString();
    const time = '<time datetime="' + at + '" data-age>' + at.slice(0, 16).replace('T', ' ') + ' UTC</time>';
    return seen.text().then(function (text) {
      const words = (failed ? FLOOD.words.failing : FLOOD.words.offline).replace('{time}', time);
      const note = '<div class="note" role="status"><p>' + words + '</p></div>';
      return new Response(text.replace(/<main\b[^>]*>/, function (main) { return main + note; }), { headers: seen.headers });
    });
  }
})();
