// The page of a report that was sent: what the service has of its photos, asked for again when one was sent from this
// phone and while one is prepared. The worker, another tab or the page before this one may send a photo at any moment, also
// while this page comes, and what they tell may be lost. So what the phone has stored decides whether the page is behind,
// and it stays behind until an answer has come that was asked for later.
(function () {
  'use strict';
  const there = document.getElementById('photos-there');
  const own = window.ReportPhotos;
  const kept = window.FloodPhotos;
  if (!there || !own || !kept) return;

  const SOON_MS = 100;
  const POLL_MS = 2000;
  const MORE_MS = 500;
  const MOST_POLLS = 20;
  const ASK_MS = 25000;
  const SLACK_MS = 5000;
  let heard = 0; // how often there was news
  let known = 0; // up to which of them the page is right
  let isAsking = false;
  let polls = 0;
  let timer = 0;
  // Before this page was asked for: what had come by then is on it.
  let cameAt = Date.now() - performance.now() - SLACK_MS;

  function hear() {
    heard += 1;
    polls = 0;
    if (!isAsking) soon(SOON_MS);
  }

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  function ask() {
    // The focus stays where it is in the list.
    if (there.contains(document.activeElement)) return soon(POLL_MS);
    const asked = heard;
    isAsking = true;
    return kept.timed(ASK_MS, location.href, { headers: { Accept: 'text/html' }, credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      const fresh = answer.ok && new DOMParser().parseFromString(answer.text, 'text/html').getElementById('photos-there');
      if (!fresh) throw new Error('another page');
      if (there.contains(document.activeElement)) return undefined;
      put(fresh);
      known = asked;
      return own.show();
    }).catch(function () {}).then(function () {
      isAsking = false;
      later();
    });
  }

  function put(fresh) {
    const before = awaited();
    const typed = {};
    Array.prototype.forEach.call(there.querySelectorAll('input[type="text"]'), function (field) {
      if (field.value !== field.defaultValue) typed[field.id] = field.value;
    });
    there.dataset.free = fresh.dataset.free;
    if (there.innerHTML !== fresh.innerHTML) there.innerHTML = fresh.innerHTML;
    Object.keys(typed).forEach(function (id) {
      const field = document.getElementById(id);
      if (field) field.value = typed[id];
    });
    if (before > awaited()) own.say(own.words('photos_changed'));
  }

  function awaited() { return there.querySelectorAll('[data-state="awaiting"]').length; }

  function isBehind() { return known < heard || awaited() > 0; }

  function later() {
    if (!isBehind() || polls >= MOST_POLLS) return;
    polls += 1;
    soon(POLL_MS + polls * MORE_MS);
  }

  // A photo is stored as sent before any message about it; so the store decides, not the message.
  function look() {
    return kept.cameAt(location.pathname).then(function (at) {
      if (at <= cameAt) return;
      cameAt = at;
      own.say(own.words('photo_sent'));
      hear();
    }).catch(function () {});
  }

  // The tries are over after some minutes; coming back to the page begins them again.
  function again() {
    look();
    if (document.hidden || isAsking || !isBehind()) return;
    polls = 0;
    soon(SOON_MS);
  }

  document.addEventListener(kept.event, look);
  // Also where a script of another release has sent it, which stores nothing about that.
  document.addEventListener('floodmanager:photos-left', hear);
  document.addEventListener('visibilitychange', again);
  window.addEventListener('online', again);
  window.addEventListener('pageshow', function (event) { if (event.persisted) hear(); });
  look().then(later);
})();
