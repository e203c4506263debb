// Suggests places while a name is typed, by WAI-ARIA's pattern of an editable combobox with a listbox. Without it the
// same field is sent as it is. A field asks for it by data-suggest, the address of /v1/places; data-suggest-name,
// -some ({count}) and -none are what it says. Who listens to `floodmanager:place-chosen` may prevent its going there.
// A button with data-near-me beside such a field opens the same page for where the device is; it says what it does, or
// data-none, in the element that data-note names.
(function () {
  'use strict';
  if (!window.fetch || !window.Promise || !window.URLSearchParams || !Element.prototype.closest) return;

  const FEWEST_LETTERS = 2;
  const LONGEST = 200;
  const MOST = 6;
  const AFTER_MS = 200;
  const ANSWER_MS = 5000;
  const PLACES = 3; // about 100 m, so that no URL shows a home
  const GAP_PX = 4;

  const LATE_MS = 10000;
  // As app/pages/frame/own_position.py has them.
  const ACCURACIES_M = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];

  document.querySelectorAll('input[data-suggest]').forEach(combobox);
  if (navigator.geolocation) document.querySelectorAll('button[data-near-me]').forEach(nearMe);

  function nearMe(button) {
    const note = document.getElementById(button.dataset.note);

    function notFound() {
      note.textContent = button.dataset.none;
      button.form.elements.place.focus();
    }

    // About 100 m is exact enough, and no URL shows a home.
    function go(found) {
      const at = found.coords;
      const step = ACCURACIES_M.find(function (one) { return at.accuracy <= one; });
      if (!step) { notFound(); return; }
      location.assign('?lat=' + at.latitude.toFixed(PLACES) + '&lon=' + at.longitude.toFixed(PLACES) + '&accuracy_m=' + step);
    }

    button.hidden = false;
    button.addEventListener('click', function () {
      note.textContent = button.dataset.wait;
      navigator.geolocation.getCurrentPosition(go, notFound, { enableHighAccuracy: true, timeout: LATE_MS, maximumAge: 60000 });
    });
  }

  function combobox(input) {
    const data = input.dataset;
    const row = input.parentNode;
    const list = document.createElement('ul');
    const told = document.createElement('span');
    let items = [];
    let active = -1;
    let timer = 0;
    let turn = 0;
    let asking = null;

    list.id = input.id + '-suggestions';
    list.className = 'suggestions';
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', data.suggestName);
    told.className = 'quiet-text';
    told.setAttribute('role', 'status');
    row.classList.add('suggests');
    row.appendChild(list);
    row.appendChild(told);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
    input.autocomplete = 'off';

    // Only the answer to what stands in the field now is shown, whatever comes when.
    function ask() {
      const text = input.value.trim();
      const mine = forget();
      if (text.length < FEWEST_LETTERS || text.length > LONGEST) { close(); return; }
      timer = setTimeout(function () {
        const abort = asking = window.AbortController ? new AbortController() : { abort: function () {} };
        const late = setTimeout(function () { abort.abort(); }, ANSWER_MS);
        const query = new URLSearchParams({ query: text, limit: MOST });
        if (data.near) query.set('near', data.near);
        fetch(data.suggest + '?' + query, { credentials: 'omit', signal: abort.signal }).then(function (answer) {
          return answer.ok ? answer.json() : { items: [] };
        }).then(function (said) {
          document.dispatchEvent(new CustomEvent('floodmanager:reached'));
          if (mine === turn) show(said.items);
        }).catch(function () { if (mine === turn) close(); }).then(function () { clearTimeout(late); });
      }, AFTER_MS);
    }

    function forget() {
      clearTimeout(timer);
      if (asking) asking.abort();
      asking = null;
      turn += 1;
      return turn;
    }

    function show(places) {
      items = places;
      active = -1;
      list.textContent = '';
      places.forEach(function (place, at) { list.appendChild(option(place, at)); });
      list.hidden = !places.length;
      list.style.insetBlockStart = input.offsetTop + input.offsetHeight + GAP_PX + 'px';
      input.setAttribute('aria-expanded', String(!list.hidden));
      input.removeAttribute('aria-activedescendant');
      told.textContent = places.length ? data.suggestSome.replace('{count}', places.length) : data.suggestNone;
    }

    function option(place, at) {
      const line = document.createElement('li');
      const name = document.createElement('span');
      const detail = document.createElement('span');
      line.id = list.id + '-' + at;
      line.setAttribute('role', 'option');
      line.setAttribute('aria-selected', 'false');
      name.dir = detail.dir = 'auto';
      name.textContent = place.name;
      detail.className = 'soft';
      detail.textContent = place.within.join(', ');
      line.appendChild(name);
      if (place.within.length) {
        line.appendChild(document.createTextNode(' '));
        line.appendChild(detail);
      }
      return line;
    }

    function close() {
      forget();
      items = [];
      active = -1;
      list.hidden = true;
      told.textContent = '';
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }

    // -1 is the field itself, between the last and the first.
    function move(by) {
      const count = items.length + 1;
      active = (active + 1 + by + count) % count - 1;
      Array.prototype.forEach.call(list.children, function (line, at) {
        line.setAttribute('aria-selected', String(at === active));
      });
      if (active < 0) { input.removeAttribute('aria-activedescendant'); return; }
      input.setAttribute('aria-activedescendant', list.children[active].id);
      list.children[active].scrollIntoView({ block: 'nearest' });
    }

    function choose(place) {
      close();
      input.value = [place.name].concat(place.within).join(', ').slice(0, input.maxLength > 0 ? input.maxLength : LONGEST);
      const chosen = new CustomEvent('floodmanager:place-chosen', { bubbles: true, cancelable: true, detail: place });
      if (!input.dispatchEvent(chosen)) return;
      const query = new URLSearchParams({ place: place.name, lat: place.lat.toFixed(PLACES), lon: place.lon.toFixed(PLACES) });
      location.assign(input.form.action + '?' + query);
    }

    input.addEventListener('input', function (event) { if (!event.isComposing) ask(); });
    input.addEventListener('compositionend', ask);
    input.addEventListener('keydown', function (event) {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === 'ArrowDown' && list.hidden) ask();
      else if (list.hidden) return;
      else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(event.key === 'ArrowDown' ? 1 : -1);
      else if (event.key === 'Escape') close();
      else if (event.key === 'Enter' && active >= 0) {
        choose(items[active]);
        event.stopImmediatePropagation();
      } else {
        if (event.key === 'Enter' || event.key === 'Tab') close();
        return;
      }
      event.preventDefault();
    });
    input.addEventListener('blur', close);
    // The field keeps the focus while the person presses on the list.
    list.addEventListener('mousedown', function (event) { event.preventDefault(); });
    list.addEventListener('click', function (event) {
      const line = event.target.closest('[role=option]');
      if (line) choose(items[Array.prototype.indexOf.call(list.children, line)]);
    });
    input.form.addEventListener('submit', close);
  }
})();
