// The token of a link in a message stands after `#`: it goes into the form, and out of the address. Without this script a
// person copies the link into the field. A form with data-opens only shows what the link leads to, so it is sent at once.
// On a page without such a field, data-token-page names the one that has it.
(function () {
  'use strict';
  const field = document.getElementById('token');
  const token = location.hash.slice(1);
  const other = document.querySelector('[data-token-page]');
  if (!field && other && token.indexOf(other.dataset.tokenBegins) === 0) location.replace(other.dataset.tokenPage + location.hash);
  if (!field) return;
  if (token) {
    field.value = token;
    history.replaceState(null, '', location.pathname + location.search);
  }
  if (field.value && field.getAttribute('aria-invalid') !== 'true') field.closest('.field').hidden = true;
  if (token && field.form.hasAttribute('data-opens')) field.form.submit();
})();
