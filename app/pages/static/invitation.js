// The invited person's page: puts the token, which stands after # in the link, into the form, and takes it out of the
// address, so that the history of a shared device does not keep it. It outlives a sign-in in this tab alone.
(function () {
  'use strict';
  var field = document.getElementById('token');
  var KEPT = 'invitation';

  function kept(write) {
    try { return write === undefined ? sessionStorage.getItem(KEPT) : sessionStorage.setItem(KEPT, write); } catch (refused) { return null; }
  }

  function read() {
    var token = location.hash.slice(1);
    if (token.indexOf('fi_') === 0) {
      kept(token);
      field.value = token;
      history.replaceState(null, '', location.pathname + location.search);
    } else if (!field.value) {
      field.value = kept() || '';
    }
  }

  read();
  // A link that is opened in the same tab loads no page.
  window.addEventListener('hashchange', read);
  field.form.addEventListener('submit', function () {
    try { sessionStorage.removeItem(KEPT); } catch (refused) { /* then nothing was kept */ }
  });
})();
