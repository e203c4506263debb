// A frame may stay open for days: it loads itself again unless the keyboard is in it, and says then that it is old.
(function () {
  "use strict";
  var AGAIN_MS = 120000, OLD_MS = 600000;
  var begun = Date.now();

  setInterval(function () {
    if (!document.hasFocus() && navigator.onLine !== false) {
      location.reload();
    } else if (Date.now() - begun > OLD_MS) {
      var old = document.getElementById("old");
      if (old) old.hidden = false;
    }
  }, AGAIN_MS);
})();
