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

  // Text as it is compared: without capitals, and a full-width letter, which an input method may give, is the ordinary
  // one (Unicode's NFKC). `from` has the place in the text that each place in `folded` comes from.
  function fold(text) {
    const from = [];
    let folded = '';
    let place = 0;
    for (const character of text) {
      const plain = character.normalize('NFKC').toLowerCase();
      for (let i = 0; i < plain.length; i++) from.push(place);
      folded += plain;
      place += character.length;
    }
    from.push(place);
    return { folded, from };
  }

  // Of each entry only once: the next key is pressed soon.
  function foldedOnce(entry) {
    entry.folded ||= { heading: fold(entry.heading).folded, text: fold(entry.text) };
    return entry.folded;
  }

  function count(text, word) {
    return text.split(word).length - 1;
  }

  // Every word must be there. One in a heading weighs more than one in the text, and there no more than ten count.
  function weigh(entry, words) {
    const { heading, text } = foldedOnce(entry);
    let weight = 0;
    for (const word of words) {
      const inHeading = count(heading, word);
      const inText = Math.min(count(text.folded, word), 10);
      if (inHeading + inText === 0) return 0;
      weight += 20 * inHeading + inText;
    }
    return weight;
  }

  // The text around the first word, with all words marked.
  function teaser(entry, words) {
    const { folded, from } = foldedOnce(entry).text;
    const places = words.map(word => folded.indexOf(word)).filter(place => place >= 0);
    const start = Math.max(0, Math.min(...places, folded.length) - AROUND);
    const end = Math.min(start + 3 * AROUND, folded.length);
    const original = (start, end) => entry.text.slice(from[start], from[end]);
    const line = document.createElement('p');
    line.append(start > 0 ? '…' : '');
    let place = start;
    while (place < end) {
      const found = words
        .map(word => ({ word, at: folded.indexOf(word, place) }))
        .filter(hit => hit.at >= 0 && hit.at + hit.word.length <= end)
        .sort((a, b) => a.at - b.at || b.word.length - a.word.length)[0];
      if (!found) break;
      const mark = document.createElement('mark');
      mark.textContent = original(found.at, found.at + found.word.length);
      line.append(original(place, found.at), mark);
      place = found.at + found.word.length;
    }
    line.append(original(place, end), end < folded.length ? '…' : '');
    return line;
  }

  function show() {
    const words = fold(input.value).folded.split(/\s+/).filter(word => word);
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
      item.append(link, teaser(entry, words));
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
    // While an input method composes, the keys are its own: Escape takes back what it has composed. Some browsers say so
    // by the code alone.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' && !panel.hidden) {
      open(false);
    } else if ((event.key === '/' || event.key === 's') && !mdbook_something_else_has_focus(event)) {
      event.preventDefault();
      open(true);
    }
  });
})(window.search);
