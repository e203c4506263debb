// The report form step by step: where, how deep, what, review. It keeps what is typed, gives the report to queue.js and
// shows what waits on this phone. Without this script the same form is sent in two requests.
(function () {
  'use strict';
  const form = document.getElementById('report');
  const queue = window.FloodQueue;
  const place = window.ReportPlace;
  let photos = null; // absent where none are taken, and until they are near
  let photosComing = null;
  if (!form || !queue || !place || !window.crypto || !window.crypto.getRandomValues) return;

  const STEPS = ['where', 'depth', 'what', 'review'];
  const DRAFT = 'floodmanager-report';
  const PLACE = ['where', 'lat', 'lon', 'radius_m', 'settled'];
  const NOT_KEPT = ['pick', 'observed_at'];
  const CLOCK_WRONG_MS = 300000;
  const words = place.words;
  const fields = form.elements;
  const kept = Array.prototype.map.call(fields, function (field) { return field.name; }).filter(function (name, at, all) {
    return name && name !== 'step' && NOT_KEPT.indexOf(name) < 0 && all.indexOf(name) === at;
  });
  const next = document.getElementById('next');
  const progress = document.getElementById('progress');
  const review = document.getElementById('review');
  const nearby = document.getElementById('nearby');
  const told = document.getElementById('told');
  const waiting = document.getElementById('waiting');
  const list = document.getElementById('waiting-list');
  const back = make('button', 'button quiet', words('back'));
  const skew = form.dataset.now ? Number(form.dataset.now) - Date.now() : 0;
  const storage = draftStorage();
  let current = '';
  let pushed = 0;
  let seenAt = '';
  let isSending = false;
  let isMute = false;
  let isReturning = false;
  let lastNearby = '';
  let toldKey = '';

  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    if (tag === 'button') made.type = 'button';
    return made;
  }

  function section(step) { return form.querySelector('[data-step="' + step + '"]'); }

  function stepOf(name) {
    const element = document.getElementById(name);
    const inside = element && element.closest('[data-step]');
    return inside ? inside.dataset.step : 'where';
  }

  // What was typed outlives a reload in this tab.
  function draftStorage() {
    try {
      window.sessionStorage.getItem(DRAFT);
      return window.sessionStorage;
    } catch (refused) { return null; }
  }

  function values(names) {
    return names.reduce(function (all, name) {
      all[name] = fields[name].value;
      return all;
    }, {});
  }

  function fill(known) {
    Object.keys(known).forEach(function (name) {
      const field = fields[name];
      if (!field) return;
      if (typeof field.length === 'number' && !field.options) {
        Array.prototype.forEach.call(field, function (radio) { radio.checked = radio.value === known[name]; });
      } else { field.value = known[name]; }
    });
  }

  function keepDraft() {
    if (storage && !isMute) try { storage.setItem(DRAFT, JSON.stringify(values(kept))); } catch (full) { /* the page itself still has it */ }
  }

  function dropDraft() {
    isMute = true;
    if (storage) storage.removeItem(DRAFT);
  }

  function takeDraft() {
    let draft = null;
    try { draft = storage && JSON.parse(storage.getItem(DRAFT)); } catch (bent) { return; }
    if (!draft || document.getElementById('mistakes') || !(draft.where || draft.lat || draft.water || draft.title || draft.description)) return;
    if (fields.where.value) PLACE.forEach(function (name) { delete draft[name]; });
    fill(draft);
    say(words('draft'));
    const anew = make('button', 'plain', words('start_over'));
    anew.addEventListener('click', function () {
      dropDraft();
      withPhotos().then(function () { return photos && photos.drop(fields.key.value); }).then(function () { location.assign(form.action); });
    });
    told.appendChild(anew);
    withPhotos();
  }

  // The scripts of photos come when their step is near, or when some are on this phone: a first visit is light.
  function withPhotos() {
    const files = document.getElementById('photo-files');
    if (!files) return Promise.resolve();
    photosComing = photosComing || Promise.all(Array.prototype.map.call(files.content.querySelectorAll('data'), function (file) {
      const part = make('script');
      part.async = false;
      part.src = file.value;
      return new Promise(function (resolve, reject) {
        part.onload = resolve;
        part.onerror = reject;
        document.head.appendChild(part);
      });
    })).then(function () {
      photos = window.ReportPhotos;
      queue.flush().catch(function () {}); // those that wait can go from here now
      return photos && photos.open(form.hidden ? '' : fields.key.value);
    }).catch(function () { photosComing = null; });
    return photosComing;
  }

  function newKey() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  // For eyes too, but where they find the same words next to it.
  function say(text, isHeardOnly) {
    told.className = isHeardOnly ? 'quiet-text' : 'told';
    told.textContent = text + ' ';
  }

  // Steps.
  function go(step, options) {
    const how = options || {};
    const number = STEPS.indexOf(step);
    STEPS.forEach(function (one) { section(one).hidden = one !== step; });
    current = step;
    progress.textContent = words('step', { number: number + 1, all: STEPS.length });
    if (step === 'review') isReturning = false;
    next.textContent = words(step === 'review' ? 'send' : isReturning || step === 'what' ? 'to_review' : 'next');
    back.hidden = !number;
    if (number) withPhotos();
    if (step === 'review') makeReview();
    if (how.push) {
      history.pushState({ step: step }, '');
      pushed += 1;
    }
    if (how.focus) {
      window.scrollTo(0, Math.max(0, form.getBoundingClientRect().top + window.pageYOffset - 80));
      document.getElementById(step + '-heading').focus({ preventScroll: true });
    }
  }

  function goBack() {
    if (pushed) history.back();
    else go(STEPS[Math.max(0, STEPS.indexOf(current) - 1)], { focus: true });
  }

  // A person who came from the review to change one thing returns to it directly.
  function goOn() { go(isReturning ? 'review' : STEPS[STEPS.indexOf(current) + 1], { push: true, focus: true }); }

  function wrong(name, text) {
    const field = document.getElementById(name);
    const beside = document.getElementById(name + '-mistake');
    if (!field || !beside) return;
    beside.textContent = text;
    beside.hidden = false;
    beside.className = 'mistake';
    field.setAttribute('aria-invalid', 'true');
    const about = field.getAttribute('aria-describedby') || '';
    if (about.indexOf(beside.id) < 0) field.setAttribute('aria-describedby', (about + ' ' + beside.id).trim());
    field.focus();
  }

  function right(name) {
    const field = document.getElementById(name);
    const beside = document.getElementById(name + '-mistake');
    if (!field || !beside) return;
    beside.hidden = true;
    beside.className = '';
    beside.textContent = '';
    field.removeAttribute('aria-invalid');
  }

  function check() {
    if (current === 'where') return checkPlace();
    if (current === 'depth') return checkDepth();
    if (!fields.when.value) return wrong('when', words('need_time'));
    right('when');
    return goOn();
  }

  function checkPlace() {
    if (place.waits()) return place.waits().then(function () { if (current === 'where') checkPlace(); });
    if (place.remind()) return undefined;
    if (!fields.lat.value && !fields.where.value.trim() && !place.takePin()) {
      return place.hasMap() ? undefined : wrong('where', words('need_place'));
    }
    right('where');
    right('pick');
    if (place.isSettled()) return goOn();
    return place.find().then(function (outcome) {
      if (current !== 'where') return;
      if (outcome === 'exact' || outcome === 'offline') goOn();
      else if (outcome === 'none') wrong('where', place.noneFound());
      else if (outcome === 'several') document.getElementById('pick').focus();
    });
  }

  function checkDepth() {
    const text = fields.depth_cm.value.trim().replace(/\s*cm$/i, '').replace(',', '.');
    ['water', 'depth_cm'].forEach(right);
    if (!text && !fields.water.value) return wrong('water', words('need_water'));
    if (text && !(Number(text) >= 0 && Number(text) <= 1000)) return wrong('depth_cm', words('need_number'));
    return goOn();
  }

  // The review, and what others have reported next to it.
  function makeReview() {
    const now = Date.now() + (Math.abs(skew) > CLOCK_WRONG_MS ? skew : 0);
    const minutes = Number(fields.when.options[fields.when.selectedIndex].dataset.minutes);
    fields.observed_at.value = seenAt || new Date(now - minutes * 60000).toISOString();
    review.textContent = '';
    line(words('review_where'), 'where', place.label(), form.querySelector('[name="place"]:checked'));
    const water = form.querySelector('[name="water"]:checked');
    const depth = fields.depth_cm.value.trim();
    line(words('review_depth'), 'depth', depth ? words('depth_exact', { number: depth.replace(/\s*cm$/i, '') }) : '', depth ? null : water);
    Array.prototype.forEach.call(form.querySelectorAll('[data-review]'), function (field) {
      if (field.value.trim()) line(field.dataset.review, stepOf(field.id), shownBy(field));
    });
    if (photos && photos.count()) lineOfPhotos();
    line(words('review_when'), 'what', seenAt ? whole(seenAt) : shownBy(fields.when));
    askNearby();
  }

  function shownBy(field) { return field.options ? field.options[field.selectedIndex].textContent : field.value.trim(); }

  function whole(moment) {
    return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
  }

  function line(term, step, text, radio) {
    const about = make('dt', '', term);
    const said = make('dd', 'prewrap');
    said.dir = 'auto';
    if (text) said.appendChild(make('span', '', text));
    if (radio) {
      const shown = radio.nextElementSibling.cloneNode(true);
      shown.className = radio.name === 'water' ? 'shown-depth' : 'shown-place';
      said.appendChild(shown);
    }
    const again = make('button', 'plain', words('change'));
    again.setAttribute('aria-label', words('change') + ': ' + term);
    again.addEventListener('click', function () {
      isReturning = true;
      go(step, { push: true, focus: true });
    });
    said.appendChild(again);
    review.appendChild(about);
    review.appendChild(said);
  }

  function lineOfPhotos() {
    line(words('photos_review'), 'what', photos.number(photos.count()));
    const said = review.lastChild;
    const box = said.insertBefore(make('span', 'pictures'), said.lastChild);
    photos.pictures().forEach(function (picture) { box.appendChild(picture); });
  }

  function askNearby() {
    if (!place.isSettled() || place.isCoarse()) return;
    const query = '?lat=' + fields.lat.value + '&lon=' + fields.lon.value;
    const asked = query + fields.when.value;
    if (asked === lastNearby) return;
    lastNearby = asked;
    nearby.textContent = '';
    fetch(form.action.replace(/report$/, 'v1/reports/similar') + query + '&observed_at=' + encodeURIComponent(fields.observed_at.value), { credentials: 'omit' })
      .then(function (answer) { return answer.ok ? answer.json() : { items: [] }; })
      .then(function (said) { if (asked === lastNearby) showNearby(said.items); })
      .catch(function () { /* the form works without this question */ });
  }

  function showNearby(items) {
    if (!items.length) return;
    const box = make('div', 'card nearby');
    const rows = make('ul');
    box.appendChild(make('h3', '', words('nearby')));
    box.appendChild(make('p', '', words('nearby_hint') + (photos && photos.count() ? ' ' + words('photos_join') : '')));
    items.forEach(function (item) { rows.appendChild(nearbyRow(item)); });
    const none = make('button', 'button quiet', words('nearby_none'));
    none.addEventListener('click', function () {
      nearby.textContent = '';
      next.focus();
    });
    box.appendChild(rows);
    box.appendChild(none);
    nearby.appendChild(box);
    document.dispatchEvent(new CustomEvent('floodmanager:refreshed'));
  }

  function nearbyRow(item) {
    const row = make('li');
    const title = item.title || words('severity_' + item.severity);
    const link = make('a', '', title);
    link.href = form.action.replace(/report$/, 'reports/' + item.id);
    link.dir = 'auto';
    row.appendChild(link);
    row.appendChild(make('span', 'soft', ' ' + words('metres', { number: item.distance_m }) + ', '));
    const time = row.lastChild.appendChild(make('time', '', whole(item.observed_at)));
    time.dateTime = item.observed_at;
    time.dataset.age = ''; // site.js makes it an age
    const yes = make('button', 'button quiet', words('nearby_yes'));
    yes.setAttribute('aria-label', words('nearby_yes') + ': ' + title);
    yes.addEventListener('click', function () { joinTo(link.href, title); });
    row.appendChild(yes);
    return row;
  }

  // It is reported already: that report gets a vote, with the depth. Should it be over, this form's words are still here.
  function joinTo(address, title) {
    const key = fields.key.value;
    const water = form.querySelector('[name="water"]:checked');
    sendItem({
      key: key, kind: 'vote', address: address + '/votes', title: title, instead: values(kept.concat('observed_at')),
      fields: { key: key, condition: 'flooded', depth_cm: fields.depth_cm.value.trim(), water: water ? water.value : '' },
    });
  }

  // Sending: first on the phone, then on its way.
  function send() {
    const item = { key: fields.key.value, address: form.action, fields: values(kept.concat('observed_at')) };
    // Photos are on the phone already, and go after it. On the page that then opens, or from the worker.
    if (photos) photos.settled().then(function () { sendItem(Object.assign(item, { photos: photos.count() })); });
    else sendItem(item);
  }

  function sendItem(item) {
    if (isSending) return;
    isSending = true;
    next.disabled = true;
    next.textContent = words('sending');
    queue.put(item).then(function () {
      dropDraft();
      return queue.flush({ now: true, alone: true }).then(function () { return queue.get(item.key); }).then(ended);
    }, function () { sendPlainly(item); }).catch(function () { return ended(null); });
  }

  // This browser stores nothing: the form goes as it would without a script.
  function sendPlainly(item) {
    const isVote = item.kind === 'vote';
    const more = make('input');
    more.type = 'hidden';
    more.name = isVote ? 'condition' : 'step';
    more.value = isVote ? 'flooded' : 'send';
    form.appendChild(more);
    form.action = item.address;
    dropDraft();
    form.submit();
  }

  function ended(item) {
    isSending = false;
    next.disabled = false;
    next.textContent = words('send');
    if (item && item.state === 'sent') {
      if (photos) photos.open('');
      location.assign(item.sent);
    } else if (item && item.state === 'refused') {
      isMute = false;
      keepDraft();
      openAgain(item);
    } else {
      form.hidden = true;
      if (photos) photos.open('');
      toldKey = item ? item.key : '';
      say(outcome(item || {}), true);
      document.getElementById('another').hidden = false;
      showWaiting().then(function () { document.getElementById('waiting-heading').focus(); });
    }
  }

  // What is on this phone.
  function showWaiting() {
    return queue.all().then(function (all) {
      const items = all.filter(function (item) { return !item.seen || item.photos; });
      const active = document.activeElement && list.contains(document.activeElement) && document.activeElement.dataset.act;
      list.textContent = '';
      items.forEach(function (item) { list.appendChild(entry(item)); });
      tellOutcome(items);
      if (items.some(function (item) { return item.photos; })) withPhotos();
      waiting.hidden = !items.length;
      const again = active && list.querySelector('[data-act="' + active + '"]');
      if (again) again.focus();
    }).catch(function () { waiting.hidden = true; });
  }

  // What was said of a report that waits holds no longer once it is sent, refused or discarded.
  function tellOutcome(items) {
    const item = items.filter(function (one) { return one.key === toldKey; })[0];
    if (!toldKey || (item && item.state === 'waiting')) return;
    toldKey = '';
    if (item) say(outcome(item), true);
    else told.textContent = '';
  }

  // The words for what is known of an item; "waiting" before anything is.
  function stateOf(item) { return (item.kind === 'vote' ? 'vote_' : '') + (item.state || 'waiting'); }

  // The outcome of an item: the server's reason where it does not take it yet.
  function outcome(item) { return (item.state === 'waiting' && item.waits) || words(stateOf(item)); }

  function entry(item) {
    const isVote = item.kind === 'vote';
    const row = make('li', 'item');
    const acts = make('p', 'actions');
    row.dataset.state = item.state;
    row.dataset.key = item.key;
    const title = make('h3', '', item.title || (item.fields ? item.fields.title || item.fields.where : '') || words('nearby_untitled'));
    title.dir = 'auto';
    row.appendChild(title);
    if (item.fields && item.fields.observed_at) row.appendChild(make('p', 'soft', words('seen', { time: whole(item.fields.observed_at) })));
    row.appendChild(make('p', 'state', outcome(item)));
    if (photos && item.photos && !isVote) row.appendChild(make('p', 'soft', words(item.state === 'sent' ? 'photos_wait' : 'photos_with', { number: photos.number(item.photos) })));
    const id = /[?&]reference=([0-9A-Z-]{9})/.exec(item.sent || '') || /\/report\/sent\/([A-Za-z0-9_-]+)/.exec(item.sent || '');
    if (item.state === 'sent' && id && !isVote) row.appendChild(make('p', 'soft', words('reference', { id: id[1] })));
    if (item.state === 'refused') (item.mistakes || []).forEach(function (one) { row.appendChild(make('p', 'mistake', one.text)); });
    if (item.sent) acts.appendChild(linkTo(item.sent, words(isVote ? 'vote_open' : item.state === 'sent' ? 'sent_open' : 'open_sent')));
    if (item.state === 'waiting' || (photos && item.photos && item.state === 'sent')) acts.appendChild(act(item, 'try_now', function () { queue.flush({ now: true }).catch(function () {}); }));
    if (item.state === 'refused' && isVote && !item.instead) acts.appendChild(linkTo(item.address.replace(/\/votes$/, ''), words('vote_open')));
    if (item.state === 'refused' && (!isVote || item.instead)) acts.appendChild(act(item, isVote ? 'report_instead' : 'open_again', function () { openAgain(item); }));
    acts.appendChild(act(item, item.state === 'sent' ? 'sent_gone' : 'discard', function () {
      const question = item.state === 'sent' ? item.photos && photos && 'photos_discard_sure' : isVote ? 'vote_discard_sure' : 'discard_sure';
      if (question && !window.confirm(words(question))) return;
      if (photos) photos.drop(item.key);
      queue.drop(item.key);
    }));
    row.appendChild(acts);
    return row;
  }

  function linkTo(address, text) {
    const link = make('a', 'button quiet', text);
    link.href = address;
    return link;
  }

  function act(item, name, work) {
    const button = make('button', 'button quiet', words(name));
    button.dataset.act = name + item.key;
    button.addEventListener('click', work);
    return button;
  }

  // Back in the form, under its own key: sent again it takes the place of what waits. It was seen when it was seen.
  function openAgain(item) {
    const mistakes = item.mistakes || [];
    const first = mistakes.filter(function (one) { return one.field; })[0];
    form.hidden = false;
    toldKey = '';
    told.textContent = '';
    fill(item.instead || item.fields);
    if (photos) photos.open(fields.key.value);
    seenAt = (item.instead || item.fields).observed_at;
    mistakes.forEach(function (one) {
      if (one.field !== 'when') return;
      seenAt = '';
      fields.when.selectedIndex = -1;
    });
    go(first ? stepOf(first.field) : 'review', { push: true, focus: true });
    if (first) wrong(first.field, first.text);
    else if (mistakes.length) say(mistakes[0].text);
    showWaiting();
  }

  function start() {
    const mistakes = document.getElementById('mistakes');
    const first = mistakes && mistakes.querySelector('a[href^="#"]');
    if (!fields.key.value) fields.key.value = newKey();
    takeDraft();
    back.id = 'back';
    next.parentNode.appendChild(back);
    progress.hidden = false;
    form.classList.add('stepwise');
    go(first ? stepOf(first.hash.slice(1)) : 'where');
    history.replaceState({ step: current }, '');
    if (mistakes) mistakes.focus();
    showWaiting();
  }

  form.addEventListener('submit', function (event) {
    event.preventDefault();
    if (current === 'review') send();
    else check();
  });
  ['input', 'change', 'floodmanager:place'].forEach(function (name) {
    form.addEventListener(name, function (event) {
      keepDraft();
      right(event.target.name || 'where');
    });
  });
  fields.when.addEventListener('change', function () { seenAt = ''; });
  back.addEventListener('click', goBack);
  window.addEventListener('popstate', function (event) {
    const step = event.state && event.state.step;
    if (STEPS.indexOf(step) < 0) return; // a link within the page
    pushed = Math.max(0, pushed - 1);
    isReturning = false;
    go(step, { focus: true });
  });
  document.addEventListener('click', function (event) {
    const link = event.target.closest('.mistakes a[href^="#"]');
    if (!link) return;
    event.preventDefault();
    go(stepOf(link.hash.slice(1)));
    document.getElementById(link.hash.slice(1)).focus();
  });
  document.addEventListener(queue.event, showWaiting);
  // Back from the page of what was sent: a new form, not the old one.
  window.addEventListener('pageshow', function (event) { if (event.persisted && isMute) location.reload(); });
  start();
})();
