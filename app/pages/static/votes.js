// "Is it still flooded?" in one tap: the answer is first stored on this phone, then sent, once (queue.js). Without this
// script the form is sent by itself.
(function () {
  'use strict';
  const queue = window.FloodQueue;
  const form = document.querySelector('form[data-vote]');
  const told = document.getElementById('vote-told');
  if (!form || !queue || !window.crypto || !window.crypto.getRandomValues) return;

  const counts = document.getElementById('vote-counts');
  const depth = form.elements.depth_cm;
  const mistake = document.getElementById('depth_cm-mistake');
  let isBusy = false;

  function newKey() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function isOfThis(item) {
    return item.kind === 'vote' && new URL(item.address || item.sent, location.href).pathname.replace(/\/votes$/, '') === new URL(form.action).pathname.replace(/\/votes$/, '');
  }

  function own() {
    return queue.all().then(function (items) { return items.filter(isOfThis); });
  }

  // A person has one answer: the one before it is not sent any more.
  function dropOwn() {
    return own().then(function (items) { return Promise.all(items.map(function (item) { return queue.drop(item.key); })); });
  }

  function say(condition) {
    const key = newKey();
    const item = {
      key: key, kind: 'vote', address: form.action, title: document.querySelector('h1').textContent.trim(),
      fields: { key: key, condition: condition, depth_cm: depth.value.trim() },
    };
    clear();
    return dropOwn().then(function () { return queue.put(item); }).then(function () {
      return queue.atOnce();
    }).then(own).then(show);
  }

  // The result of the newest answer. Once it is shown it is not kept.
  function show(items) {
    const item = items[items.length - 1];
    if (!item) return;
    if (item.state === 'waiting') { told.textContent = form.dataset.waiting; return; }
    if (item.state === 'sent') {
      counts.textContent = item.counts || counts.textContent;
      told.textContent = item.told || '';
    } else {
      (item.mistakes || []).forEach(tellMistake);
    }
    dropOwn();
  }

  function tellMistake(one) {
    if (one.field !== 'depth_cm') { told.textContent = one.text; return; }
    mistake.textContent = one.text;
    mistake.className = 'mistake';
    mistake.hidden = false;
    depth.setAttribute('aria-invalid', 'true');
    depth.setAttribute('aria-describedby', 'depth_cm-hint depth_cm-mistake');
    depth.focus();
  }

  function clear() {
    told.textContent = '';
    mistake.hidden = true;
    mistake.textContent = mistake.className = '';
    depth.removeAttribute('aria-invalid');
  }

  // This browser stores nothing: the form goes as it would without a script.
  function sendPlainly(condition) {
    [['condition', condition], ['key', newKey()]].forEach(function (pair) {
      const field = form.appendChild(document.createElement('input'));
      field.type = 'hidden';
      field.name = pair[0];
      field.value = pair[1];
    });
    form.submit();
  }

  form.addEventListener('submit', function (event) {
    const pressed = event.submitter;
    if (!pressed) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    say(pressed.value).catch(function () { sendPlainly(pressed.value); }).then(function () { isBusy = false; });
  });
  // An answer that waited may be sent by another page or by the worker.
  document.addEventListener(queue.event, function () {
    if (!isBusy) own().then(show).catch(function () {});
  });
  own().then(show).catch(function () {});
})();
