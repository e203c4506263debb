// Places to blur, drawn on the photo with the pointer or moved with keys. They are kept in the fields of the form, which
// work without this script. Only while the form is open does the photo take the pointer, so that a phone can scroll.
(function () {
  'use strict';
  var root = document.querySelector('[data-photos]');
  if (!root || !window.PointerEvent) { return; }

  var SIDES = ['left', 'top', 'width', 'height'];
  var MOST = 20;
  var LEAST = 1;  // percent
  var STEP = 2;
  var FIRST = [40, 40, 20, 20];
  var MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  var said = root.querySelector('[data-photos-said]');

  function filled(name, values) {
    return root.dataset[name].replace(/\{(\w+)\}/g, function (_, key) { return values[key]; });
  }

  function say(name, values) { said.textContent = filled(name, values); }

  function drawn(name, parent) { return parent.appendChild(document.createElementNS('http://www.w3.org/2000/svg', name)); }

  function round(number) { return Math.round(number * 10) / 10; }

  function within(number, low, high) { return Math.min(Math.max(number, low), high); }

  function blurring(details) {
    var frame = document.getElementById(details.dataset.blur);
    if (!frame) { return; }  // its places are being blurred at this moment
    var list = details.querySelector('.blur-row').parentNode;
    var add = details.querySelector('[data-blur-add]');
    var hint = details.querySelector('[data-blur-hint]');
    var blank = details.querySelector('.blur-row').cloneNode(true);
    var layer = drawn('svg', frame);  // sizes in percent, so that it needs no styles of its own
    var title = blank.querySelector('legend').textContent;
    var boxes = [];  // of each row, its mark on the photo

    function rows() { return Array.prototype.slice.call(list.querySelectorAll('.blur-row')); }

    function field(row, side) { return row.querySelector('[name="' + side + '"]'); }

    function read(row) {
      var values = SIDES.map(function (side) { return parseFloat(field(row, side).value.replace(',', '.')); });
      return values.every(isFinite) ? values : null;
    }

    function write(row, values) {
      SIDES.forEach(function (side, at) { field(row, side).value = String(round(values[at])); });
    }

    function words(number, values) {
      return {number: number, left: round(values[0]), top: round(values[1]), width: round(values[2]), height: round(values[3])};
    }

    // Show each row that says a place as a mark on the photo, and hide the empty ones.
    function draw() {
      rows().forEach(function (row, at) {
        var values = read(row);
        var box = boxes[at] = boxes[at] || mark(at);
        row.querySelector('legend').textContent = title.replace(/\d+/, String(at + 1));
        box.classList.toggle('gone', !values);
        row.hidden = !values && !row.contains(document.activeElement);
        if (!values) { return; }
        box.setAttribute('aria-label', filled('place', words(at + 1, values)));
        ['x', 'y', 'width', 'height'].forEach(function (name, part) { box.firstChild.setAttribute(name, values[part] + '%'); });
        box.lastChild.setAttribute('x', values[0] + values[2] / 2 + '%');
        box.lastChild.setAttribute('y', values[1] + values[3] / 2 + '%');
        box.lastChild.textContent = String(at + 1);
      });
    }

    function free() {
      var empty = rows().find(function (row) { return !read(row); });
      if (empty) { return empty; }
      if (rows().length >= MOST) { say('full', {}); return null; }
      var row = blank.cloneNode(true);
      list.appendChild(row);
      return row;
    }

    function begin(values) {
      var row = free();
      if (!row) { return -1; }
      write(row, values);
      draw();
      return rows().indexOf(row);
    }

    function clear(at) {
      SIDES.forEach(function (side) { field(rows()[at], side).value = ''; });
      draw();
      say('cleared', {number: at + 1});
      var left = boxes.find(function (box) { return !box.classList.contains('gone'); });
      (left || add).focus();
    }

    function put(at, values) {
      var width = within(values[2], LEAST, 100), height = within(values[3], LEAST, 100);
      write(rows()[at], [within(values[0], 0, 100 - width), within(values[1], 0, 100 - height), width, height]);
      draw();
    }

    function press(event, at) {
      var move = MOVES[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) { return; }
      if (event.key === 'Delete' || event.key === 'Backspace') { clear(at); }
      else if (move) {
        var values = read(rows()[at]);
        var part = event.shiftKey ? 2 : 0;
        values[part] += move[0] * STEP;
        values[part + 1] += move[1] * STEP;
        put(at, values);
        say('place', words(at + 1, read(rows()[at])));
      } else { return; }
      event.preventDefault();
    }

    function mark(at) {
      var box = drawn('g', layer);
      box.setAttribute('class', 'blur-box');
      box.setAttribute('role', 'group');
      box.setAttribute('tabindex', '0');
      drawn('rect', box);
      drawn('text', box);
      box.addEventListener('keydown', function (event) { press(event, at); });
      return box;
    }

    function position(event) {
      var edges = frame.getBoundingClientRect();
      return [
        within((event.clientX - edges.left) / edges.width * 100, 0, 100),
        within((event.clientY - edges.top) / edges.height * 100, 0, 100)
      ];
    }

    var drag = null;  // {at, from, box}: the place that is drawn (no box) or moved

    frame.addEventListener('pointerdown', function (event) {
      if (!details.open || event.button !== 0) { return; }
      var from = position(event), at = boxes.indexOf(event.target.closest('.blur-box'));
      if (at >= 0) { drag = {at: at, from: from, box: read(rows()[at])}; }
      else { drag = {at: -1, from: from, box: null}; }
      frame.setPointerCapture(event.pointerId);
      event.preventDefault();
    });

    frame.addEventListener('pointermove', function (event) {
      if (!drag) { return; }
      var to = position(event), from = drag.from;
      if (drag.box) {
        put(drag.at, [drag.box[0] + to[0] - from[0], drag.box[1] + to[1] - from[1], drag.box[2], drag.box[3]]);
        return;
      }
      var values = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
      if (values[2] < LEAST || values[3] < LEAST) { return; }
      if (drag.at < 0) { drag.at = begin(values); }
      if (drag.at < 0) { drag = null; return; }
      put(drag.at, values);
    });

    function end() {
      if (drag && drag.at >= 0) {
        boxes[drag.at].focus({preventScroll: true});
        if (!drag.box) { say('marked', {number: drag.at + 1}); }
      }
      drag = null;
    }

    frame.addEventListener('pointerup', end);
    frame.addEventListener('pointercancel', end);

    add.hidden = false;
    add.addEventListener('click', function () {
      var at = begin(FIRST);
      if (at < 0) { return; }
      boxes[at].focus();
      say('marked', {number: at + 1});
    });
    hint.textContent = hint.dataset.blurHint;
    list.addEventListener('input', draw);

    function follow() { frame.classList.toggle('drawing', details.open); }

    details.addEventListener('toggle', follow);
    draw();
    follow();
  }

  Array.prototype.slice.call(root.querySelectorAll('[data-blur]')).forEach(blurring);
})();
