// Keys, holds and the undo bar of the page of responders. Every form works without it.
(function () {
  'use strict';
  var root = document.querySelector('[data-review]');
  var queue = document.getElementById('queue');
  var told = document.getElementById('told');
  if (!root) { return; }
  var UNDO_MS = 10000;
  var EVERY_MS = 60000;
  var HOLD_MS = 5 * EVERY_MS;
  var FORMS = {v: 'verify', r: 'reject', d: 'merge'};
  var PHOTO_KEYS = {s: '[value="shown"]', h: '[value="hidden"]', b: '.blur summary'};

  function say(text) {
    told.textContent = text;
    told.classList.add('note');
    told.classList.remove('done');
  }

  // The undo bar goes after ten seconds, unless it has the focus: the decision can still be undone at the report.
  var undo = document.getElementById('undo');
  if (undo) {
    setTimeout(function () { if (!undo.contains(document.activeElement)) { undo.hidden = true; } }, UNDO_MS);
  }

  // A region that is there from the beginning is not read out: what changed is put into it once more.
  document.querySelectorAll('#told, #results').forEach(function (region) {
    var parts = Array.prototype.slice.call(region.childNodes);
    if (!region.textContent) { return; }
    region.textContent = '';
    requestAnimationFrame(function () { parts.forEach(function (part) { region.appendChild(part); }); });
  });

  function step(by) {
    var links = Array.prototype.slice.call(queue.querySelectorAll('a'));
    var at = links.findIndex(function (link) { return link.getAttribute('aria-current'); });
    var next = links[at + by];
    if (next) { next.click(); }
  }

  var open = null;  // the form that waits for the number of a reason

  function begin(name) {
    var form = document.getElementById(name);
    if (!form) { return; }
    form.querySelector('details').open = true;
    open = form;
    form.scrollIntoView({block: 'nearest'});
    say(form.querySelector('legend').textContent);
  }

  function choose(number) {
    var choices = open && open.querySelectorAll('input[type="radio"]');
    if (choices && choices[number - 1]) { choices[number - 1].checked = true; }
  }

  // S and H decide about the first photo that waits, B opens its blurring.
  function judgePhoto(selector) {
    var found = document.querySelector('[data-waits] ' + selector);
    if (found) { found.click(); found.focus(); }
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var key = event.key.toLowerCase();
    if (key === 'j' || key === 'k') { step(key === 'j' ? 1 : -1); }
    else if (FORMS[key]) { begin(FORMS[key]); }
    else if (PHOTO_KEYS[key]) { judgePhoto(PHOTO_KEYS[key]); }
    else if (key === 'u') { if (undo) { undo.submit(); } }
    else if (key === '?') { document.getElementById('help').open = true; }
    else if (/^[1-9]$/.test(key)) { choose(Number(key)); }
    else if (key === 'enter' && open && event.target === queue) { open.submit(); }
    else if (key === 'escape' && open) { open.querySelector('details').open = false; open = null; }
    else { return; }
    event.preventDefault();
  }

  if (queue) {
    // Off by a switch under My reports.
    if (!('noKeys' in root.dataset)) { queue.addEventListener('keydown', press); }
    if (!document.activeElement || document.activeElement === document.body) { queue.focus({preventScroll: true}); }
  }

  // While a report is looked at, it is held for five minutes and renewed each minute that the page is visible. A minute
  // before a hold that is renewed no more ends, the page says so: it may be hidden, or without a connection.
  var one = document.querySelector('[data-report]');
  var ending = 0;

  function ask(more) {
    var body = new URLSearchParams({report_id: one.dataset.report});
    if (more) { body.set('release', '1'); }
    return body;
  }

  function hold() {
    fetch(root.dataset.hold, {method: 'POST', body: ask(), headers: {Accept: 'application/json'}}).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).then(function (answer) {
      if (answer && answer.until) {
        clearTimeout(ending);
        ending = setTimeout(function () { say(root.dataset.ending); }, HOLD_MS - EVERY_MS);
        one.dataset.heldUntil = answer.until;
      } else if (answer && answer.held_until) { say(root.dataset.held); }
    }).catch(function () { /* a decision needs no hold */ });
  }

  if (one) {
    hold();
    setInterval(function () {
      if (document.visibilityState === 'visible') { hold(); }
    }, EVERY_MS);
    addEventListener('pagehide', function () {
      if (navigator.sendBeacon) { navigator.sendBeacon(root.dataset.hold, ask(true)); }
    });
  }
})();
