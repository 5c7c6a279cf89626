// The switch of the language, and the search.
'use strict';

(function languageSwitch() {
  const link = document.getElementById('language-switch');
  const own = /^zh/.test(document.documentElement.lang) ? 'zh' : 'en';
  try { localStorage.setItem('book-language', own); } catch (error) { /* It is not remembered, then. */ }

  // The section that is being read: the last heading above the upper third of the window.
  function section() {
    const headings = Array.from(document.querySelectorAll('main :is(h1, h2, h3, h4)[id]'));
    const above = headings.filter(heading => heading.getBoundingClientRect().top < window.innerHeight / 3);
    const last = above.pop();
    // The title has another id in each language, and needs none.
    return last && last.tagName !== 'H1' ? '#' + last.id : '';
  }

  link.addEventListener('click', () => {
    link.href = link.href.split('#')[0] + section();
    try { localStorage.setItem('book-language', own === 'zh' ? 'en' : 'zh'); } catch (error) { /* As above. */ }
  });
})();

window.search = window.search || {};
(function search(exported) {
  const MOST = 50;
  const AROUND = 40;
  const panel = document.getElementById('search');
  const form = document.getElementById('search-form');
  const input = document.getElementById('search-words');
  const results = document.getElementById('search-results');
  const toggle = document.getElementById('search-toggle');

  exported.hasFocus = () => document.activeElement === input;

  // The text of the book is fetched when somebody searches for the first time. A script, and not data, so that a book
  // opened from a disk can be searched too.
  function load() {
    if (document.getElementById('search-entries')) return;
    const script = document.createElement('script');
    script.id = 'search-entries';
    script.src = path_to_root + 'search-entries.js';
    script.onload = show;
    document.head.append(script);
  }

  function open(yes) {
    panel.hidden = !yes;
    toggle.setAttribute('aria-expanded', String(yes));
    if (yes) {
      load();
      window.scrollTo(0, 0);
      input.select();
    }
  }

  function count(text, word) {
    return text.split(word).length - 1;
  }

  // Every word must be there. One in a heading weighs more than one in the text, and there no more than ten count.
  function weigh(entry, words) {
    let weight = 0;
    for (const word of words) {
      const inHeading = count(entry.heading.toLowerCase(), word);
      const inText = Math.min(count(entry.text.toLowerCase(), word), 10);
      if (inHeading + inText === 0) return 0;
      weight += 20 * inHeading + inText;
    }
    return weight;
  }

  // The text around the first word, with all words marked.
  function teaser(text, words) {
    const lower = text.toLowerCase();
    const places = words.map(word => lower.indexOf(word)).filter(place => place >= 0);
    const start = Math.max(0, Math.min(...places, text.length) - AROUND);
    const part = text.slice(start, start + 3 * AROUND);
    const line = document.createElement('p');
    line.append(start > 0 ? '…' : '');
    let rest = part;
    while (rest) {
      const found = words
        .map(word => ({ word, at: rest.toLowerCase().indexOf(word) }))
        .filter(hit => hit.at >= 0)
        .sort((a, b) => a.at - b.at || b.word.length - a.word.length)[0];
      if (!found) break;
      const mark = document.createElement('mark');
      mark.textContent = rest.slice(found.at, found.at + found.word.length);
      line.append(rest.slice(0, found.at), mark);
      rest = rest.slice(found.at + found.word.length);
    }
    line.append(rest, start + 3 * AROUND < text.length ? '…' : '');
    return line;
  }

  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
    results.replaceChildren();
    if (!words.length || !window.bookEntries) return;
    const hits = window.bookEntries
      .map(entry => ({ entry, weight: weigh(entry, words) }))
      .filter(hit => hit.weight > 0)
      .sort((a, b) => b.weight - a.weight);
    const head = document.createElement('p');
    head.textContent = hits.length ? hits.length + ' ' + results.dataset.some : results.dataset.none;
    const list = document.createElement('ol');
    for (const { entry } of hits.slice(0, MOST)) {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = path_to_root + entry.url;
      link.textContent = entry.chapter ? entry.chapter + ' › ' + entry.heading : entry.heading;
      link.addEventListener('click', () => open(false));
      item.append(link, teaser(entry.text, words));
      list.append(item);
    }
    results.append(head, list);
  }

  toggle.addEventListener('click', () => open(panel.hidden));
  input.addEventListener('input', show);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const first = results.querySelector('a');
    if (first) first.click();
  });
  document.addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' && !panel.hidden) {
      open(false);
    } else if ((event.key === '/' || event.key === 's') && !mdbook_something_else_has_focus(event)) {
      event.preventDefault();
      open(true);
    }
  });
})(window.search);
