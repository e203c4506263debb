// Photos of a report: chosen or taken, made smaller on the phone, shown, described and removed; photo_queue.js keeps and
// sends them. On the form they wait for the report; on the page of a report that was sent they go at once, and
// photo_news.js shows what the service has of them.
(function () {
  'use strict';
  const box = document.getElementById('photos');
  const kept = window.FloodPhotos;
  const queue = window.FloodQueue;
  if (!box || !kept || !window.URL || !HTMLCanvasElement.prototype.toBlob || !window.crypto) return;

  const LONGEST_PX = 1600;
  const MOST_BYTES = 8 * 1024 * 1024;
  const WANTED_BYTES = 400 * 1024;
  const QUALITIES = [0.85, 0.7, 0.55];
  const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'];
  // What is said between tabs and the worker may be lost, and a claim ends without a word.
  const SHOW_MS = 10000;
  const address = box.dataset.address || '';
  const file = document.getElementById('photo-file');
  const chooser = document.getElementById('photo-chooser');
  const list = document.getElementById('photo-list');
  const told = document.getElementById('photo-told');
  const there = document.getElementById('photos-there');
  const texts = JSON.parse(document.getElementById('words').textContent);
  const pictures = {};
  let keys = [];
  let photos = [];
  let timer = 0;
  let turn = Promise.resolve();
  let showing = Promise.resolve();

  function words(name, values) {
    return Object.keys(values || {}).reduce(function (text, key) { return text.split('{' + key + '}').join(values[key]); }, texts[name] || '');
  }

  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    if (tag === 'button') made.type = 'button';
    return made;
  }

  function number(count) { return words(count === 1 ? 'photos_one' : 'photos_some', { number: count }); }

  // How many more the report takes: what the server has counts too.
  function free() { return Number((there || box).dataset.free) - photos.filter(function (one) { return !one.state; }).length; }

  // Making one smaller. The picture element turns it as the camera was held, and a canvas keeps nothing but pixels.
  function picture(chosen) {
    return new Promise(function (resolve, reject) {
      const image = new Image();
      const source = URL.createObjectURL(chosen);
      image.onload = function () { resolve(image); };
      image.onerror = function () {
        URL.revokeObjectURL(source);
        reject(new Error('no picture'));
      };
      image.src = source;
    });
  }

  function turnsPictures() { return Boolean(window.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image')); }

  // Some browsers give scripts other pixels than were drawn, against tracking. Then the file itself is sent.
  function givesTruePixels() {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 4;
    const context = canvas.getContext('2d');
    if (!context) return false;
    context.fillStyle = '#2873ad';
    context.fillRect(0, 0, 4, 4);
    const seen = context.getImageData(0, 0, 4, 4).data;
    return Array.prototype.every.call(seen, function (value, at) { return Math.abs(value - [40, 115, 173, 255][at % 4]) < 12; });
  }

  function shrink(chosen) {
    if (!turnsPictures() || !givesTruePixels()) return Promise.reject(new Error('canvas'));
    return picture(chosen).then(function (image) {
      const scale = Math.min(1, LONGEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const context = canvas.getContext('2d');
      context.fillStyle = '#fff';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(image.src);
      return smallEnough(canvas, 0);
    });
  }

  function smallEnough(canvas, at) {
    return new Promise(function (resolve) { canvas.toBlob(resolve, 'image/jpeg', QUALITIES[at]); }).then(function (made) {
      if (!made) throw new Error('canvas');
      return made.size > WANTED_BYTES && at + 1 < QUALITIES.length ? smallEnough(canvas, at + 1) : made;
    });
  }

  // What this browser cannot draw may be what the service can: it goes as it is.
  function asItIs(chosen) {
    const byName = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', heic: 'image/heic', heif: 'image/heic' };
    const ending = (/\.(\w+)$/.exec(chosen.name || '') || ['', ''])[1].toLowerCase();
    const type = (chosen.type || byName[ending] || '').replace('heif', 'heic');
    if (TYPES.indexOf(type) < 0) return null;
    return chosen.slice(0, chosen.size, type);
  }

  function bytesOf(blob) {
    return new Promise(function (resolve, reject) {
      const reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = function () { reject(reader.error); };
      reader.readAsArrayBuffer(blob);
    });
  }

  function newId() {
    return Array.prototype.map.call(window.crypto.getRandomValues(new Uint8Array(8)), function (byte) { return ('0' + byte.toString(16)).slice(-2); }).join('');
  }

  function add(chosen) {
    const name = chosen.name || '';
    if (free() < 1) return say(words('photos_full'));
    say(words('photo_preparing'));
    return shrink(chosen).catch(function () { return asItIs(chosen); }).then(function (made) {
      if (!made) return say(words('photo_unreadable', { name: name }));
      if (!made.size) return say(words('photo_empty', { name: name }));
      if (made.size > MOST_BYTES) return say(words('photo_too_large', { name: name }));
      return bytesOf(made).then(function (bytes) {
        return kept.put({ key: keys[0], id: newId(), bytes: bytes, type: made.type, alt: '', label: name, address: address });
      }).then(show).then(function () {
        say(words(address ? 'photo_kept' : 'photo_added', { number: number(photos.length) }));
      }, function () { say(words('photo_not_kept', { name: name })); });
    });
  }

  function say(text) { told.textContent = text; }

  // What is on this phone. One look after the other, so that none shows what was read before the last.
  function show() {
    showing = showing.catch(function () {}).then(showNow);
    return showing;
  }

  // Rows stay while they are shown, so that a field keeps its focus.
  function showNow() {
    return Promise.all(keys.map(kept.of)).then(function (all) {
      photos = [].concat.apply([], all);
      const rows = {};
      Array.prototype.forEach.call(list.children, function (row) { rows[row.dataset.name] = row; });
      photos.forEach(function (photo, at) {
        const row = rows[photo.name] || list.appendChild(newRow(photo));
        delete rows[photo.name];
        name(row, photo, at + 1);
      });
      Object.keys(rows).forEach(function (gone) {
        if (pictures[gone]) URL.revokeObjectURL(pictures[gone]);
        delete pictures[gone];
        list.removeChild(rows[gone]);
      });
      list.hidden = !photos.length;
      file.disabled = free() < 1;
      chooser.classList.toggle('full', file.disabled);
      clearTimeout(timer);
      if (address && photos.length) timer = setTimeout(showAgain, SHOW_MS);
      if (Object.keys(rows).length) document.dispatchEvent(new CustomEvent('floodmanager:photos-left'));
    });
  }

  function showAgain() { show().catch(function () {}); }

  function newRow(photo) {
    const row = make('li', 'photo');
    row.dataset.name = photo.name;
    row.appendChild(thumbnail(photo));
    const side = row.appendChild(make('div', 'side'));
    side.appendChild(make('p', 'state'));
    if (!address) side.appendChild(description(photo));
    const acts = side.appendChild(make('p', 'actions'));
    if (address) acts.appendChild(button('again', function () { kept.change(photo.name, { state: '', next_at: 0 }).then(function () { return kept.flush({ now: true }); }).catch(function () {}); }));
    acts.appendChild(button('remove', function () { remove(photo); }));
    return row;
  }

  function button(act, work) {
    const made = make('button', 'button quiet', words('photo_' + act));
    made.dataset.act = act;
    made.addEventListener('click', work);
    return made;
  }

  function thumbnail(photo) {
    const image = make('img', 'thumb');
    pictures[photo.name] = pictures[photo.name] || URL.createObjectURL(new Blob([photo.bytes], { type: photo.type }));
    image.width = 96;
    image.height = 72;
    image.alt = photo.alt || words('photo_alt', { number: 1 });
    image.src = pictures[photo.name];
    image.onerror = function () {
      const instead = make('span', 'thumb none', photo.label || words('photo_alt', { number: '' }));
      instead.dir = 'auto';
      if (image.parentNode) image.parentNode.replaceChild(instead, image);
    };
    return image;
  }

  function description(photo) {
    const field = make('div', 'field');
    const label = field.appendChild(make('label', '', words('photo_describe')));
    const typed = field.appendChild(make('input'));
    typed.type = 'text';
    typed.id = label.htmlFor = 'photo-alt-' + photo.id;
    typed.maxLength = 300;
    typed.dir = 'auto';
    typed.value = photo.alt || '';
    typed.autocomplete = 'off';
    typed.addEventListener('change', function () { kept.change(photo.name, { alt: typed.value.trim() }).catch(function () {}); });
    return field;
  }

  function name(row, photo, at) {
    const image = row.querySelector('img');
    if (image) image.alt = photo.alt || words('photo_alt', { number: at });
    row.dataset.state = photo.state || 'waiting';
    const state = row.querySelector('.state');
    const text = stateOf(photo, at);
    if (state.textContent !== text) state.textContent = text;
    Array.prototype.forEach.call(row.querySelectorAll('[data-act]'), function (one) {
      one.setAttribute('aria-label', one.textContent + ': ' + words('photo_alt', { number: at }));
      if (one.dataset.act === 'again') one.hidden = Boolean(photo.state) || photo.claimed_until > Date.now();
    });
  }

  function stateOf(photo, at) {
    if (!address) return words('photo_alt', { number: at });
    if (photo.state) return photo.mistake || words(photo.is_too_large ? 'photo_too_large' : 'photo_no_right', { name: photo.label });
    if (photo.claimed_until > Date.now()) return words('photo_sending');
    return photo.waits || words(photo.tries ? 'photo_failed' : 'photo_waiting');
  }

  function remove(photo) {
    kept.drop(photo.name).then(show).then(function () {
      say(words('photo_removed'));
      file.focus();
    }).catch(function () {});
  }

  function open(key) {
    keys = [key];
    photos = [];
    list.textContent = '';
    say('');
    return show().catch(function () {});
  }

  function start() {
    box.classList.add('with-script');
    chooser.hidden = false;
    Array.prototype.forEach.call(box.querySelectorAll('[data-without-script]'), function (one) { one.hidden = true; });
    file.addEventListener('change', function () {
      const chosen = Array.prototype.slice.call(file.files);
      file.value = '';
      chosen.forEach(function (one) {
        turn = turn.then(function () { return add(one); }).catch(function () { say(words('photo_unreadable', { name: one.name || '' })); });
      });
      if (address) turn = turn.then(function () { return kept.flush({ now: true }); }).catch(function () {});
    });
    document.addEventListener(kept.event, showAgain);
    if (!address) return;
    keys = [box.dataset.key];
    queue.all().then(function (items) {
      items.forEach(function (item) {
        if (item.state === 'sent' && new URL(item.sent, location.href).pathname === location.pathname) keys.push(item.key);
      });
    }).catch(function () {}).then(showAgain);
  }

  start();
  window.ReportPhotos = {
    open: open,
    count: function () { return photos.filter(function (one) { return !one.state; }).length; },
    number: number,
    words: words,
    say: say,
    show: show,
    // Copies of what is shown, for the review.
    pictures: function () {
      return Array.prototype.map.call(list.querySelectorAll('.thumb'), function (one) { return one.cloneNode(true); });
    },
    drop: function (key) { return kept.dropAll(key).catch(function () {}); },
    // Until what was chosen is on the phone.
    settled: function () { return turn; },
  };
})();
