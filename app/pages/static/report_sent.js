// The page of a report that was sent: copies its private link, and takes it off the list of what is on this phone. The
// link stays there for a day, for this page without a connection, or until the person lets the phone delete it.
(function () {
  'use strict';
  const queue = window.FloodQueue;
  const link = document.getElementById('private-link');
  const button = document.getElementById('copy');
  const told = document.getElementById('copy-told');

  if (queue) {
    queue.all().then(function (items) {
      items.forEach(function (item) {
        if (item.state !== 'sent' || new URL(item.sent, location.href).pathname !== location.pathname) return;
        queue.see(item.key);
        offerToForget(item.key);
      });
    }).catch(function () {});
  }
  function offerToForget(key) {
    const forget = document.getElementById('forget');
    if (!forget) return;
    forget.hidden = false;
    forget.addEventListener('click', function () {
      const words = JSON.parse(document.getElementById('words').textContent);
      const kept = window.FloodPhotos;
      (kept ? kept.of(key) : Promise.resolve([])).then(function (photos) {
        const isWaited = photos.some(function (one) { return !one.state; });
        if (isWaited && !window.confirm(words.photos_discard_sure)) return undefined;
        return Promise.all([queue.drop(key), kept && kept.forgetReport(location.pathname, key)]).then(function () {
          forget.hidden = true;
          told.textContent = words.forgotten;
        });
      }).catch(function () {});
    });
  }

  if (!link || !button) return;
  const words = JSON.parse(document.getElementById('words').textContent);

  function copied(isDone) { told.textContent = words[isDone ? 'copied' : 'copy_failed']; }

  function byCommand() {
    link.select();
    try { return document.execCommand('copy'); } catch (refused) { return false; }
  }

  button.hidden = false;
  link.addEventListener('focus', function () { link.select(); });
  button.addEventListener('click', function () {
    if (!navigator.clipboard) {
      copied(byCommand());
      return;
    }
    navigator.clipboard.writeText(link.value).then(function () { copied(true); }, function () { copied(byCommand()); });
  });
})();
