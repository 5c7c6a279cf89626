'use strict';
// One screen at a time. The number of the step is in the address, so that it can be opened and kept.
(() => {
  const root = document.documentElement;
  const screens = [...document.querySelectorAll('section')];
  const title = (screen) => screen.querySelector('h1').textContent;
  let now = 0;
  let speaker = null;
  root.classList.add('js');

  // As large as fits, and no smaller than this share of the screen's height.
  const fit = (code) => {
    const height = window.innerHeight / 100;
    for (let size = 2.5; size >= 1.9; size -= 0.1) {
      code.style.fontSize = `${size * height}px`;
      if (code.scrollHeight <= code.clientHeight) return;
    }
  };

  const mark = (code) => code.classList.toggle('more', code.scrollTop + code.clientHeight < code.scrollHeight - 4);
  document.querySelectorAll('figure.step').forEach((code) => code.addEventListener('scroll', () => mark(code)));

  const tell = () => {
    if (!speaker || speaker.closed) return;
    const [screen, next] = [screens[now], screens[now + 1]];
    const page = speaker.document;
    page.title = title(screen);
    page.body.replaceChildren();
    const heading = page.createElement('h1');
    heading.textContent = title(screen);
    const notes = page.importNode(screen.querySelector('.notes'), true);
    const after = page.createElement('p');
    after.textContent = next ? document.body.dataset.next + title(next) : '';
    page.body.append(heading, notes, after);
  };

  const show = (number) => {
    now = Math.min(Math.max(number, 0), screens.length - 1);
    screens.forEach((screen, index) => screen.classList.toggle('now', index === now));
    document.getElementById('place').textContent = `${now} / ${screens.length - 1}`;
    if (location.hash !== `#${now}`) history.replaceState(null, '', `#${now}`);
    const code = screens[now].querySelector('figure.step');
    if (code) {
      fit(code);
      code.scrollTop = 0;
      mark(code);
      code.focus({ preventScroll: true });
    }
    window.scrollTo(0, 0);
    tell();
  };

  const open = () => {
    speaker = window.open('', 'notes', 'width=700,height=600');
    if (!speaker) return;
    speaker.document.documentElement.lang = root.lang;
    speaker.document.body.style.font = '20px/1.5 system-ui, sans-serif';
    speaker.addEventListener('keydown', key);
    tell();
  };

  const key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowRight: 1, PageDown: 1, ' ': 1, ArrowLeft: -1, PageUp: -1 };
    const own = {
      Home: () => show(0),
      End: () => show(screens.length - 1),
      n: () => { root.classList.toggle('with-notes'); show(now); },
      s: open,
      f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
    };
    if (event.key in steps) show(now + steps[event.key]);
    else if (event.key in own) own[event.key]();
    else return;
    event.preventDefault();
  };

  window.addEventListener('keydown', key);
  window.addEventListener('resize', () => show(now));
  window.addEventListener('hashchange', () => show(Number(location.hash.slice(1)) || 0));
  show(Number(location.hash.slice(1)) || 0);
})();
