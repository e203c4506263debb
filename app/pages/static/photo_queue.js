// Keeps photos on this phone until the bucket has them: each is stored first, and sent once, after its report. Loaded by
// pages with a file field and by the service worker alone, because only they may reach the bucket.
//
// A photo: {name, key, id, bytes, type, alt, label, saved_at, address, photo, tries, next_at, state, mistake}; `key` is that of
// its report's form, or of the page that it was added on; `address` is where its ticket is asked for, once its report is
// sent; `photo` is the id of its last ticket, and `id` makes the server know a ticket asked for again; its state is none
// while it waits, or 'refused' (`mistake` says why, in the words of the server, or `is_too_large`; neither: the right to
// add it has ended). `claimed_until`: while it is being sent. In place of a photo that the bucket has comes, in the same
// transaction, {name, key, address: '', state: 'came', saved_at}: once for each report, for a day. Pages that came
// meanwhile, and whatever message they missed, learn by it that they show what was.
(function (scope) {
  'use strict';
  const queue = scope.FloodQueue;
  if (!queue || !scope.FormData || !scope.Blob) return;

  const STORE = 'photos';
  const CAME = 'came';
  const LOCK = 'floodmanager-photos';
  const EVENT = 'floodmanager:photos';
  const ASK_MS = 25000;
  const SEND_MS = 240000;
  // For browsers without locks; longer than one try takes.
  const CLAIM_MS = 300000;
  const KEPT_MS = 86400000;
  const LONGEST_KEPT_MS = 7 * KEPT_MS;
  const inPage = Boolean(scope.document);
  const others = scope.BroadcastChannel ? new BroadcastChannel(LOCK) : null;
  const within = queue.storeIn('floodmanager-photos', STORE, 'name');
  const alone = queue.inTurn(LOCK);
  let timer = 0;

  function stored() {
    return within('readonly', function (store, done) {
      const request = store.getAll();
      request.onsuccess = function () { done.value = request.result; };
    }).then(function (photos) {
      return photos.sort(function (one, other) { return one.saved_at - other.saved_at; });
    });
  }

  function all() {
    return stored().then(function (photos) { return photos.filter(function (one) { return one.state !== CAME; }); });
  }

  function of(key) {
    return all().then(function (photos) { return photos.filter(function (one) { return one.key === key; }); });
  }

  // `photo`: {key, id, bytes, type, alt, label, address}.
  function put(photo) {
    const whole = Object.assign({ saved_at: Date.now(), tries: 0, next_at: 0, state: '', address: '' }, photo, { name: photo.key + '/' + photo.id });
    return within('readwrite', function (store) { store.put(whole); }).then(tell).then(function () { return whole; });
  }

  // What is gone meanwhile was removed, and is not brought back. Gives what is stored then.
  function change(name, news) {
    return within('readwrite', function (store, done) {
      const request = store.get(name);
      request.onsuccess = function () {
        if (!request.result) return;
        done.value = Object.assign({}, request.result, typeof news === 'function' ? news(request.result) : news);
        store.put(done.value);
      };
    });
  }

  function drop(name) { return dropThose(name); }

  function dropAll(key) { return dropThose(scope.IDBKeyRange.bound(key + '/', key + '/\uffff')); }

  // Nothing stays of a report that a person takes off this phone.
  function forgetReport(page, key) { return Promise.all([dropAll(key), drop(CAME + page)]); }

  // What a person removes while it is being sent, or whose upload had no answer, is not to come either.
  function dropThose(which) {
    return within('readwrite', function (store, done) {
      const request = store.getAll(which);
      request.onsuccess = function () { done.value = request.result; };
      store.delete(which);
    }).then(function (photos) {
      photos.forEach(giveBack);
      tell();
    });
  }

  function forget(name) {
    return within('readwrite', function (store) { store.delete(name); }).then(tell);
  }

  function giveBack(photo) {
    if (!photo.photo || !photo.address) return;
    const address = photo.address.replace(/\/photos(?=$|\?)/, '/photos/' + photo.photo);
    const options = { method: 'POST', body: new URLSearchParams({ act: 'remove' }), credentials: 'same-origin', cache: 'no-store', redirect: 'manual' };
    timed(ASK_MS, address, options).catch(function () { /* an upload that never comes ends within the hour */ }).then(tell);
  }

  // `sent`: the name of a photo that the bucket has.
  function tell(sent) {
    const name = typeof sent === 'string' ? sent : '';
    if (others) others.postMessage(name);
    announce(name);
  }

  function announce(sent) {
    if (inPage) scope.document.dispatchEvent(new CustomEvent(EVENT, { detail: { sent: sent || '' } }));
  }

  // When a photo of the report with this page came to the bucket, by this phone's clock; 0 if none did from here.
  function cameAt(page) {
    return within('readonly', function (store, done) {
      const request = store.get(CAME + page);
      request.onsuccess = function () { done.value = request.result ? request.result.saved_at : 0; };
    });
  }

  // Apart from reports, which never wait for a photo.
  function flush(options) {
    return alone(function () { return sendAll(Boolean(options && options.now)); });
  }

  function sendAll(now) {
    return Promise.all([stored(), queue.all()]).then(function (both) {
      const items = {};
      both[1].forEach(function (item) { items[item.key] = item; });
      return both[0].reduce(function (before, photo) {
        return before.then(function () { return sendOne(photo, items[photo.key], now); });
      }, Promise.resolve());
    }).then(later, function (failure) { return later().then(function () { throw failure; }); });
  }

  function sendOne(photo, item, now) {
    const address = photo.address || ticketsOf(item);
    // Of a form that was left, or of a report that was discarded; and nothing waits for ever.
    if (Date.now() - photo.saved_at > (address || item ? LONGEST_KEPT_MS : KEPT_MS)) return forget(photo.name);
    if (!address && item && item.state === 'sent') return finish(photo, { state: 'refused', mistake: '' });
    if (!address || photo.state || (!now && photo.next_at > Date.now())) return undefined;
    return claim(photo.name, address).then(function (own) {
      return own ? ask(own).catch(function () { return paused(0); }).then(function (news) { return finish(own, news); }) : undefined;
    });
  }

  // Where the tickets of a report are asked for: below the page to which its sender was led.
  function ticketsOf(item) {
    if (!item || item.state !== 'sent' || !/\/report\/sent\/[\w-]+/.test(item.sent)) return '';
    return item.sent.replace(/(\/report\/sent\/[\w-]+)/, '$1/photos');
  }

  function claim(name, address) {
    let isOurs = false;
    return change(name, function (photo) {
      isOurs = !(photo.claimed_until > Date.now()) || Boolean(scope.navigator && scope.navigator.locks);
      return isOurs ? { claimed_until: Date.now() + CLAIM_MS, address: address } : {};
    }).then(function (photo) {
      announce();
      return isOurs && photo;
    });
  }

  // Gives what is to be stored of the photo; null if there is nothing to keep of it.
  function ask(photo) {
    const body = new URLSearchParams({ media_type: photo.type, size_bytes: photo.bytes.byteLength, alt: photo.alt || '', instead: photo.photo || '', key: photo.id });
    return timed(ASK_MS, photo.address, { method: 'POST', body: body, headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' })
      .then(function (answer) {
        const said = JSON.parse(answer.text);
        if (answer.ok && said.is_there) return null;
        if (answer.ok && said.url) return upload(photo, said);
        // A hotspot or gateway refuses in other words, and is tried again.
        if (said.mistake) return { state: 'refused', mistake: said.mistake };
        // Our own words that the private link has ended, or the session.
        if (answer.status === 401 && said.type && said.request_id) return { state: 'refused', mistake: '' };
        return paused(answer.after_s, said.waits);
      });
  }

  function upload(photo, ticket) {
    const form = new FormData();
    Object.keys(ticket.fields).forEach(function (name) { form.append(name, ticket.fields[name]); });
    form.append('file', new Blob([photo.bytes], { type: photo.type }), 'photo');
    // Stored before the upload, so that another try takes the place of this one.
    return change(photo.name, { photo: ticket.photo }).then(function (own) {
      if (!own) { // removed meanwhile
        giveBack(Object.assign({}, photo, { photo: ticket.photo }));
        return {};
      }
      return timed(SEND_MS, ticket.url, { method: 'POST', body: form, credentials: 'omit', cache: 'no-store' }).then(function (answer) {
        if (answer.ok) return null;
        return /EntityTooLarge|EntityTooSmall/.test(answer.text) ? { state: 'refused', is_too_large: true } : paused(0);
      });
    });
  }

  // Gives {ok, status, text, after_s} of an answer that is whole within so long: one that never ends would keep all others waiting.
  function timed(most, address, options) {
    const abort = scope.AbortController ? new AbortController() : null;
    const clock = setTimeout(function () { if (abort) abort.abort(); }, most);
    if (abort) options.signal = abort.signal;
    return fetch(address, options).then(function (answer) {
      return answer.text().then(function (text) {
        clearTimeout(clock);
        return { ok: answer.ok, status: answer.status, text: text, after_s: Number(answer.headers.get('Retry-After')) || 0 };
      });
    }).catch(function (failure) {
      clearTimeout(clock);
      throw failure;
    });
  }

  // `waits`: why it is not taken yet, in the reader's words.
  function paused(seconds, waits) {
    return function (photo) {
      const tries = photo.tries + 1;
      return { tries: tries, next_at: queue.nextTry(tries, seconds), waits: waits || '' };
    };
  }

  function finish(photo, news) {
    if (news === null) {
      const page = new URL(photo.address, scope.location.href).pathname.replace(/\/photos$/, '');
      return within('readwrite', function (store, done) {
        const request = store.get(photo.name);
        request.onsuccess = function () {
          if (!request.result) return; // removed meanwhile
          done.value = photo.name;
          store.delete(photo.name);
          store.put({ name: CAME + page, key: CAME, address: '', state: CAME, saved_at: Date.now() });
        };
      }).then(tell);
    }
    return change(photo.name, function (now) {
      return Object.assign(typeof news === 'function' ? news(now) : news, { claimed_until: 0 });
    }).then(tell);
  }

  // Queue.js asks the worker while photos of a report wait; it learns here how many do.
  function later() {
    return all().then(function (photos) {
      const waiting = photos.filter(function (photo) { return photo.address && !photo.state; });
      clearTimeout(timer);
      if (inPage && waiting.length) {
        const next = Math.min.apply(null, waiting.map(function (photo) { return photo.next_at; }));
        timer = setTimeout(quietly, Math.max(1000, next - Date.now()));
      }
      return queue.countPhotos(function (key) {
        return photos.filter(function (photo) { return photo.key === key && !photo.state; }).length;
      });
    });
  }

  function quietly() { flush().catch(function () {}); }

  scope.FloodPhotos = { all: all, of: of, put: put, change: function (name, news) { return change(name, news).then(tell); }, drop: drop, dropAll: dropAll, forgetReport: forgetReport, cameAt: cameAt, flush: flush, timed: timed, event: EVENT };
  if (inPage && others) others.onmessage = function (event) { announce(event.data); };
})(self);
