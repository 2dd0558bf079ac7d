// Shows on an order's page how the order stands, until it is settled. All it shows is written by the server.
(() => {
  'use strict';
  const [told, acts] = ['told', 'acts'].map((id) => document.getElementById(id));
  let source = null;
  let over = false;
  let wait = 5000;

  const close = () => {
    if (source) source.close();
    source = null;
  };

  const show = (event) => {
    const now = JSON.parse(event.data);
    if (now.status !== told.dataset.status) {
      told.dataset.status = now.status;
      told.textContent = now.told;
      const held = acts.contains(document.activeElement);
      acts.innerHTML = now.acts;
      if (held) told.focus(); // what had the keyboard is gone
    }
    if (now.settled) {
      over = true;
      close();
    }
  };

  const open = () => {
    if (source || over || document.hidden) return;
    source = new EventSource(location.pathname + '/events');
    source.addEventListener('order', show);
    source.addEventListener('error', () => {
      if (!source || source.readyState !== EventSource.CLOSED) return; // it comes again by itself
      close();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 60000);
    });
  };

  // Nobody looks: nothing is asked.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  open();
})();
