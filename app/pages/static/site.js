// What all pages have: times in the reader's own zone, ages that go on, a menu that closes. Nothing depends on it.
(function () {
  'use strict';
  var language = document.documentElement.lang || 'en';
  // The reader's own way of writing it (en-GB), where it is in the page's language.
  var locale = (navigator.language || '').slice(0, 2) === language ? navigator.language : language;
  var UNITS = [['day', 86400], ['hour', 3600], ['minute', 60]];

  function ago(date) {
    var passed = Math.max(0, (Date.now() - date) / 1000);
    if (passed > 60 * 86400) { return ''; }  // a date says more
    var unit = UNITS.find(function (one) { return passed >= one[1]; });
    return unit && new Intl.RelativeTimeFormat(language, {numeric: 'always'}).format(-Math.floor(passed / unit[1]), unit[0]);
  }

  // The weekday first, by the reader's own clocks; the year where it is far from now, as app/core/moments.py has it.
  function moment(date) {
    var parts = {weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', timeZoneName: 'short'};
    if (Math.abs(Date.now() - date) > 180 * 86400000) { parts.year = 'numeric'; }
    return new Intl.DateTimeFormat(locale, parts).format(date);
  }

  // `<time data-age>` is an age, `<time data-moment>` a moment; the server's words stand until then, and where Intl is not.
  function tell(root) {
    root.querySelectorAll('time[data-age], time[data-moment]').forEach(function (time) {
      var date = new Date(time.dateTime);
      if (isNaN(date)) { return; }
      var whole = moment(date);
      var words = 'moment' in time.dataset ? whole : ago(date);
      if (words) { time.textContent = words; }
      time.title = whole;
    });
  }

  function refresh() {
    try { tell(document); } catch (missing) { /* an old browser keeps the server's words */ }
  }

  refresh();
  setInterval(refresh, 30000);
  document.addEventListener('floodmanager:refreshed', refresh);

  var menu = document.querySelector('details.more');
  document.addEventListener('click', function (event) {
    if (menu && menu.open && !menu.contains(event.target)) { menu.open = false; }
  });
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape' && menu && menu.open) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });

  // Buttons that need what not every browser has.
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = !window.print;
    button.addEventListener('click', function () { window.print(); });
  });
  // A link is shared by the browser, else copied; where both fail its field is shown again, ready to be copied by hand.
  document.querySelectorAll('[data-share]').forEach(function (block) {
    var button = block.querySelector('button'), label = block.querySelector('label'), field = block.querySelector('input');
    var told = block.querySelector('[role=status]');
    var canCopy = navigator.clipboard && navigator.clipboard.writeText;
    if (!navigator.share && !canCopy) { return; }
    button.hidden = false;
    label.hidden = true;

    function copy() {
      if (!canCopy) { return Promise.reject(new Error('no clipboard')); }
      return navigator.clipboard.writeText(field.value).then(function () { told.textContent = told.dataset.copied; });
    }
    function share() {
      return navigator.share({title: document.title, url: field.value}).catch(function (reason) {
        return reason.name === 'AbortError' ? undefined : copy();  // thought better of
      });
    }
    button.addEventListener('click', function () {
      told.textContent = '';
      (navigator.share ? share() : copy()).catch(function () {
        label.hidden = false;
        field.select();
      });
    });
  });

  // Every page shows the number of waiting reports, except the form's, which lists them.
  var queued = document.getElementById('queued');
  // The page of a report itself shows the result of an answer about it.
  function isToldHere(item) {
    var form = document.querySelector('form[data-vote]');
    return Boolean(form) && item.kind === 'vote' && new URL(item.address || item.sent, location.href).pathname.replace(/\/votes$/, '') === location.pathname;
  }

  function tellQueued() {
    window.FloodQueue.all().then(function (items) {
      var told = ['refused', 'waiting', 'sent'].map(function (state) {
        return items.find(function (item) { return item.state === state && !item.seen && !isToldHere(item); });
      }).find(Boolean);
      queued.hidden = !told;
      if (!told) { return; }
      var link = document.createElement('a');
      var isVote = told.kind === 'vote';
      link.href = told.state === 'sent' ? told.sent : isVote && !told.instead ? told.address.replace(/\/votes$/, '') : queued.dataset.form;
      link.textContent = (told.state === 'waiting' && told.waits) || queued.dataset[(isVote ? 'vote-' + told.state : told.state).replace(/-(.)/, function (all, letter) { return letter.toUpperCase(); })];
      queued.replaceChildren(link);
    }).catch(function () { queued.hidden = true; });
  }
  if (queued && window.FloodQueue && !document.getElementById('waiting')) {
    document.addEventListener(window.FloodQueue.event, tellQueued);
    tellQueued();
  }

  // A list may name a photo a moment before its file is there, or after it has gone: an empty frame says nothing.
  document.addEventListener('error', function (event) {
    if (event.target.className === 'thumb' && event.target.closest('.item, .map-popup-item')) { event.target.hidden = true; }
  }, true);

  // A form is sent once, however often its button is pressed.
  document.addEventListener('submit', function (event) {
    if (event.defaultPrevented) { return; }
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); }
    form.dataset.sent = 'true';
    setTimeout(function () { delete form.dataset.sent; }, 5000);
  });
})();
