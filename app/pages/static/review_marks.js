// The numbers on the picture of a list: each ticks and unticks the box of its report, by pointer or by keys, and shows
// whether it is ticked. Without this script the boxes do the same, and the picture shows which is which.
(function () {
  'use strict';
  var picture = document.querySelector('[data-marks]');
  if (!picture || !Element.prototype.closest) { return; }

  var MOVES = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
  var marks = Array.prototype.slice.call(picture.querySelectorAll('[data-mark]'));

  function boxOf(mark) { return document.querySelector('[data-pick="' + mark.dataset.mark + '"]'); }

  function show(mark) {
    var isTicked = boxOf(mark).checked;
    mark.setAttribute('aria-checked', String(isTicked));
    mark.classList.toggle('unticked', !isTicked);
  }

  function toggle(mark) {
    boxOf(mark).checked = !boxOf(mark).checked;
    show(mark);
  }

  // One stop of the tab key for all; the arrows move between them.
  function choose(mark) {
    marks.forEach(function (one) { one.setAttribute('tabindex', one === mark ? '0' : '-1'); });
    mark.focus();
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var at = marks.indexOf(event.currentTarget);
    if (MOVES[event.key]) { choose(marks[(at + MOVES[event.key] + marks.length) % marks.length]); }
    else if (event.key === 'Home') { choose(marks[0]); }
    else if (event.key === 'End') { choose(marks[marks.length - 1]); }
    else if (event.key === ' ' || event.key === 'Enter') { toggle(event.currentTarget); }
    else { return; }
    event.preventDefault();
  }

  function light(mark, isOn) {
    boxOf(mark).closest('label').classList.toggle('lit', isOn);
    mark.classList.toggle('lit', isOn);
  }

  picture.setAttribute('role', 'group');
  picture.classList.add('active');
  document.getElementById('marks-hint').hidden = false;
  marks.forEach(function (mark, number) {
    var box = boxOf(mark);
    mark.setAttribute('role', 'checkbox');
    mark.setAttribute('tabindex', number ? '-1' : '0');
    mark.setAttribute('aria-label', box.closest('label').textContent.replace(/\s+/g, ' ').trim());
    show(mark);
    mark.addEventListener('click', function () { toggle(mark); choose(mark); });
    mark.addEventListener('keydown', press);
    box.addEventListener('change', function () { show(mark); });
    [['mouseenter', true], ['focus', true], ['mouseleave', false], ['blur', false]].forEach(function (pair) {
      mark.addEventListener(pair[0], function () { light(mark, pair[1]); });
      box.addEventListener(pair[0], function () { light(mark, pair[1]); });
    });
  });
  // A browser that goes back to the page ticks the boxes as they were left.
  addEventListener('pageshow', function () { marks.forEach(show); });
})();
