// The token of a link in a message stands after `#`: it goes into the form, and out of the address. Without this script a
// person copies the link into the field.
(function () {
  'use strict';
  const field = document.getElementById('token');
  if (!field) return;
  const token = location.hash.slice(1);
  if (token) {
    field.value = token;
    history.replaceState(null, '', location.pathname + location.search);
  }
  if (field.value && field.getAttribute('aria-invalid') !== 'true') field.closest('.field').hidden = true;
})();
