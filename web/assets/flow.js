// Keeps /flow live. Everything it shows is written by the server; without it the page shows the moment it was loaded.
(() => {
  'use strict';
  const find = (id) => document.getElementById(id);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const [live, pause, rows, orders] = ['live', 'pause', 'rows', 'orders'].map(find);
  const SHOWN = 30; // events, as the server has them
  const DOTS = 40; // moving at a time; the rest is only listed
  const TONES = ['well', 'busy', 'ill', 'away'];
  let source = null;
  let paused = false;
  let dots = 0;
  let shownOrders = null;

  const say = (text) => { if (live.textContent !== text) live.textContent = text; };

  const fragment = (html) => {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content;
  };

  const showOrders = (html) => {
    if (shownOrders !== html) { orders.replaceChildren(fragment(html)); shownOrders = html; }
    const none = find('no-orders');
    if (none && orders.childElementCount > 0) none.remove();
  };

  const showBoard = (board) => {
    rows.replaceChildren(fragment(board.rows));
    showOrders(board.orders);
  };

  const showRow = (row) => {
    const known = find('e-' + row.id);
    const fresh = fragment(row.html);
    if (known) {
      known.replaceWith(fresh);
    } else {
      rows.prepend(fresh);
      find('e-' + row.id).classList.add('fresh');
      while (rows.childElementCount > SHOWN) rows.lastElementChild.remove();
    }
    showOrders(row.orders);
    show(row);
  };

  const showPanels = (panels) => {
    for (const panel of panels.services) {
      for (const place of document.querySelectorAll(`[data-of="${panel.service}"]`)) {
        const text = panel[place.dataset.is];
        if (place.textContent !== text) place.textContent = text;
      }
      for (const box of document.querySelectorAll(`[data-box="${panel.service}"]`)) {
        box.classList.remove(...TONES);
        box.classList.add(panel.tone);
      }
    }
    const bus = find('bus');
    bus.textContent = panels.bus;
    bus.className = 'bus ' + panels.bus_tone;
  };

  // --- what moves ---

  const show = ({ from, to, what }) => {
    if (document.hidden) return;
    if (what === 'announced') flash(`[data-box="${from}-service"]`, 'sends');
    else if (what !== 'published') move(from, to, what);
  };

  const flash = (boxes, word) => {
    for (const box of document.querySelectorAll(`.map ${boxes}`)) {
      box.classList.remove(word);
      box.getBoundingClientRect(); // so that the same word begins anew
      box.classList.add(word);
    }
  };

  const move = (from, to, what) => {
    const arrive = () => flash(`[data-box="${to}-service"]`, what === 'done' || what === 'duplicate' ? 'gets' : 'fails');
    const ways = [...document.querySelectorAll(`[data-way="${from}-${to}"]`)];
    const way = ways.find((one) => one.getClientRects().length > 0);
    if (!way || still.matches || dots >= DOTS) {
      arrive();
      return;
    }
    const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    dot.setAttribute('r', '6');
    dot.setAttribute('class', 'dot ' + what);
    way.ownerSVGElement.querySelector('.dots').append(dot);
    dots += 1;
    const length = way.getTotalLength();
    const began = performance.now();
    const took = 500 + length;
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - began) / took));
      const at = way.getPointAtLength(length * part * (2 - part));
      dot.setAttribute('cx', at.x);
      dot.setAttribute('cy', at.y);
      if (part < 1) {
        requestAnimationFrame(step);
      } else {
        dot.remove();
        dots -= 1;
        arrive();
      }
    };
    requestAnimationFrame(step);
  };

  // --- the stream ---

  const open = () => {
    if (source || paused || document.hidden) return;
    source = new EventSource('/flow/stream');
    source.addEventListener('open', () => say('Live'));
    source.addEventListener('board', (event) => showBoard(JSON.parse(event.data)));
    source.addEventListener('row', (event) => showRow(JSON.parse(event.data)));
    source.addEventListener('panels', (event) => showPanels(JSON.parse(event.data)));
    source.addEventListener('error', () => {
      say('The front door does not answer; trying again. What is shown may be old.');
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, 5000); // it was refused: the browser does not come again by itself
      }
    });
  };

  const close = () => {
    if (source) source.close();
    source = null;
  };

  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (paused) {
      close();
      say('Paused');
    } else {
      open();
    }
  });
  // Nobody looks: nothing is asked.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  open();
})();
