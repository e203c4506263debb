// Keeps reports and votes on this phone until the server has them: first stored, then sent, once, however often it is
// tried. The key of each makes the server store it once even where two tries meet. Pages and the service worker use it alike.
//
// An item: {key, kind, address, fields, title, saved_at, tries, next_at, state, waits, mistakes, sent}; its kind is 'vote' or none
// for a report; its state is 'waiting', 'refused' (`mistakes` says why), or 'sent' (`sent` is its page, which is private for a
// report; `told` and `counts` are the answer to a vote; nothing else is kept of it, and that for a day; `seen` once that page
// was open). A vote in place of a report has that report's fields as `instead`. `photos`: how many of it are not sent yet,
// which photo_queue.js keeps and sends; of a sent report with some the phone keeps the item until it drops both.
(function (scope) {
  'use strict';
  if (!scope.indexedDB || !scope.fetch || !scope.Promise || !scope.URLSearchParams) return;

  const STORE = 'reports';
  const LOCK = 'floodmanager-reports';
  const TAG = 'reports';
  const EVENT = 'floodmanager:queue';
  // Sent by our scripts when one of their requests was answered: then waiting reports can be sent.
  const REACHED = 'floodmanager:reached';
  const WAIT_MS = 25000;
  const FIRST_PAUSE_MS = 5000;
  const LONGEST_PAUSE_MS = 600000;
  const SENT_KEPT_MS = 86400000;
  const inPage = Boolean(scope.document);
  const others = scope.BroadcastChannel ? new BroadcastChannel(LOCK) : null;
  const within = storeIn('floodmanager', STORE, 'key');
  const alone = inTurn(LOCK);
  let timer = 0;

  // Gives what works in the one store of a database: a transaction, kept only when it is on the disk.
  function storeIn(database, name, keyPath) {
    function opened() {
      return new Promise(function (resolve, reject) {
        const asked = scope.indexedDB.open(database, 1);
        asked.onupgradeneeded = function () { asked.result.createObjectStore(name, { keyPath: keyPath }); };
        asked.onsuccess = function () { resolve(asked.result); };
        asked.onerror = asked.onblocked = function () { reject(asked.error || new Error('storage')); };
      });
    }

    return function (mode, work) {
      return opened().then(function (db) {
        return new Promise(function (resolve, reject) {
          const transaction = db.transaction(name, mode);
          const done = { value: undefined };
          work(transaction.objectStore(name), done);
          transaction.oncomplete = function () { db.close(); resolve(done.value); };
          transaction.onabort = transaction.onerror = function () { db.close(); reject(transaction.error || new Error('storage')); };
        });
      });
    };
  }

  // Gives what does one work after the other, in all tabs and the worker where there are locks.
  function inTurn(lock) {
    let turn = Promise.resolve();
    return function (work) {
      const locks = scope.navigator && scope.navigator.locks;
      turn = turn.then(function () { return locks ? locks.request(lock, work) : work(); });
      const asked = turn;
      turn = turn.catch(function () {});
      return asked;
    };
  }

  // When what was tried so often may be tried again; not before so many seconds, which an answer has asked for.
  function nextTry(tries, seconds) {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * Math.pow(2, Math.min(tries, 10))) * (0.5 + Math.random());
    return Date.now() + Math.max(pause, seconds * 1000);
  }

  function reading(store, done, request) {
    request.onsuccess = function () { done.value = request.result; };
  }

  function get(key) {
    return within('readonly', function (store, done) { reading(store, done, store.get(key)); });
  }

  function all() {
    return within('readonly', function (store, done) { reading(store, done, store.getAll()); }).then(function (items) {
      return items.sort(function (one, other) { return one.saved_at - other.saved_at; });
    });
  }

  function put(item) {
    const whole = Object.assign({ saved_at: Date.now(), tries: 0, next_at: 0, state: 'waiting' }, item);
    return within('readwrite', function (store) { store.put(whole); }).then(function () {
      tell();
      askForSync();
    });
  }

  function drop(key) {
    return within('readwrite', function (store) { store.delete(key); }).then(tell);
  }

  // Its page was open: it is listed no more, and kept for that page alone.
  function see(key) {
    return change(key, function (item) { return Object.assign({}, item, { seen: true }); });
  }

  // What is gone meanwhile was discarded, and is not brought back.
  function change(key, news) {
    return within('readwrite', function (store) {
      const request = store.get(key);
      request.onsuccess = function () {
        if (request.result) store.put(news(request.result));
      };
    }).then(tell);
  }

  function tell() {
    if (others) others.postMessage(TAG);
    announce();
  }

  function announce() {
    if (inPage) scope.document.dispatchEvent(new CustomEvent(EVENT));
  }

  // In all tabs and the worker only one sends. Where there are no locks, the report's key keeps it one.
  function flush(options) {
    return alone(function () { return sendAll(Boolean(options && options.now)); }).then(function () {
      return options && options.alone ? undefined : photosToo(options);
    });
  }

  // Reports first. A page that may not reach the bucket asks the worker, and no page waits for photos.
  function photosToo(options) {
    if (scope.FloodPhotos) {
      const sending = scope.FloodPhotos.flush(options);
      return inPage ? void sending.catch(function () {}) : sending;
    }
    const workers = inPage && scope.navigator.serviceWorker;
    if (!workers) return undefined;
    return all().then(function (items) {
      // Also one that does not control this page yet. Not waited for: there may never be one.
      if (items.some(hasPhotos)) workers.ready.then(function (registration) { registration.active.postMessage(TAG); });
    });
  }

  function hasPhotos(item) { return item.state === 'sent' && item.photos > 0; }

  // What photo_queue.js knows of how many photos wait.
  function countPhotos(count) {
    return all().then(function (items) {
      return Promise.all(items.filter(function (item) { return (item.photos || 0) !== count(item.key); }).map(function (item) {
        return change(item.key, function (now) { return Object.assign({}, now, { photos: count(item.key) }); });
      }));
    });
  }

  function sendAll(now) {
    return all().then(function (items) {
      return items.reduce(function (before, item) {
        return before.then(function () { return sendOne(item.key, now); });
      }, Promise.resolve());
    }).then(later);
  }

  function sendOne(key, now) {
    return get(key).then(function (item) {
      if (!item) return undefined;
      if (item.state === 'sent') return Date.now() - item.ended_at > SENT_KEPT_MS ? drop(key) : undefined;
      if (item.state !== 'waiting' || (!now && item.next_at > Date.now())) return undefined;
      return post(item).then(function (news) { return change(key, news); });
    });
  }

  // Gives what is to be stored in place of the item. An answer that is not JSON comes from another server: a hotspot's page.
  function post(item) {
    const abort = scope.AbortController ? new AbortController() : null;
    const clock = setTimeout(function () { if (abort) abort.abort(); }, WAIT_MS);
    const body = new URLSearchParams(item.fields);
    body.set('step', 'send');
    // What was seen long ago says nothing about now.
    if (item.kind === 'vote') body.set('waited_s', Math.max(0, Math.round((Date.now() - item.saved_at) / 1000)));
    return fetch(item.address, {
      method: 'POST', body: body, headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store',
      signal: abort ? abort.signal : undefined,
    }).then(function (answer) {
      return answer.json().then(function (said) { return judged(answer, said); });
    }).catch(function () { return paused(0); }).then(function (news) {
      clearTimeout(clock);
      return news;
    });
  }

  function judged(answer, said) {
    if (answer.ok && said.sent) {
      return function (item) {
        return {
          key: item.key, kind: item.kind, saved_at: item.saved_at, state: 'sent', sent: said.sent, ended_at: Date.now(),
          title: item.title || item.fields.title || '', told: said.told, counts: said.counts, photos: item.photos || 0,
        };
      };
    }
    // A verdict on the report itself. Any other refusal may be a gateway's or a hotspot's, and is tried again.
    const isTheirs = [409, 413, 422].indexOf(answer.status) >= 0 && (said.mistakes || answer.status !== 422);
    if (!isTheirs) return paused(Number(answer.headers.get('Retry-After')) || 0, said.waits);
    return function (item) {
      return Object.assign({}, item, { state: 'refused', mistakes: said.mistakes || [], sent: said.sent || '' });
    };
  }

  // `waits`: why the server does not take it yet, in the reader's words.
  function paused(seconds, waits) {
    return function (item) {
      const tries = item.tries + 1;
      return Object.assign({}, item, { tries: tries, next_at: nextTry(tries, seconds), waits: waits || '' });
    };
  }

  function later() {
    if (!inPage) return undefined;
    return all().then(function (items) {
      const times = items.filter(function (item) { return item.state === 'waiting'; }).map(function (item) { return item.next_at; });
      clearTimeout(timer);
      if (times.length) timer = setTimeout(quietly, Math.max(1000, Math.min.apply(null, times) - Date.now()));
    });
  }

  function quietly() {
    flush().catch(function () {});
  }

  function atOnce() {
    return flush({ now: true }).catch(function () {});
  }

  function askForSync() {
    const worker = inPage && scope.navigator.serviceWorker;
    if (!worker || !worker.controller) return;
    worker.ready.then(function (registration) {
      return registration.sync ? registration.sync.register(TAG) : undefined;
    }).catch(function () {});
  }

  scope.FloodQueue = { put: put, get: get, all: all, see: see, drop: drop, flush: flush, atOnce: atOnce, countPhotos: countPhotos, event: EVENT, storeIn: storeIn, inTurn: inTurn, nextTry: nextTry };

  if (!inPage) {
    scope.addEventListener('sync', function (event) {
      if (event.tag === TAG) event.waitUntil(flush({ now: true }).then(all).then(function (items) {
        // A promise broken is what makes the browser try again.
        if (items.some(function (item) { return item.state === 'waiting' || hasPhotos(item); })) throw new Error('waiting');
      }));
    });
    scope.addEventListener('message', function (event) {
      if (event.data === TAG) event.waitUntil(atOnce());
    });
    return;
  }
  if (others) others.onmessage = announce;
  scope.addEventListener('online', atOnce);
  scope.document.addEventListener(REACHED, atOnce);
  scope.document.addEventListener('visibilitychange', function () { if (!scope.document.hidden) quietly(); });
  scope.addEventListener('load', function () {
    quietly();
    const manifest = scope.document.querySelector('link[rel="manifest"]');
    if (!scope.navigator.serviceWorker || !manifest) return;
    scope.navigator.serviceWorker.register(manifest.href.replace('manifest.webmanifest', 'service-worker.js')).catch(function () {});
  });
})(self);
