// The switch of the language, how code is shown, what a keyboard needs, and the search.
'use strict';

(function languageSwitch() {
  const link = document.getElementById('language-switch');
  const own = /^zh/.test(document.documentElement.lang) ? 'zh' : 'en';
  try { localStorage.setItem('language', own); } catch (error) { /* It is not remembered, then. */ }

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
    try { localStorage.setItem('language', own === 'zh' ? 'en' : 'zh'); } catch (error) { /* As above. */ }
  });
})();

(function code() {
  // A line of a program that is too long goes on below, under its own beginning. What is printed, or has columns, is not
  // broken: it is scrolled.
  const columns = /language-(?:text|http|console|sh|plaintext)|nohighlight/;

  function inLines(block) {
    const lines = [];
    let line = null;
    const begin = () => lines.push(line = document.createElement('span'));
    begin();
    // The pieces of a comment or a string of several lines stay what they are.
    function put(node, wrap) {
      if (node.nodeType !== Node.TEXT_NODE) {
        const outer = wrap;
        node.childNodes.forEach(child => put(child, text => {
          const copy = node.cloneNode(false);
          copy.append(text);
          return outer(copy);
        }));
        return;
      }
      node.data.split(/(?<=\n)/).forEach(text => {
        line.append(wrap(text));
        if (text.endsWith('\n')) begin();
      });
    }
    block.childNodes.forEach(node => put(node, text => text));
    if (!line.textContent) lines.pop();
    for (const each of lines) {
      each.className = 'line';
      each.style.setProperty('--indent', each.textContent.match(/^ */)[0].length);
    }
    block.replaceChildren(...lines);
    block.classList.add('wraps');
  }

  // A line of a diff, in the colours of code; what is emphasised in it stays so.
  function colour(line) {
    const content = Array.from(line.childNodes).filter(node => !(node.className === 'sign' || node.className === 'blanks'));
    const text = content.map(node => node.textContent).join('');
    const emphasised = [];
    let place = 0;
    for (const node of content) {
      const end = place + node.textContent.length;
      if (node.nodeName === 'B') emphasised.push([place, end]);
      place = end;
    }
    const coloured = document.createElement('template');
    coloured.innerHTML = hljs.highlight('rust', text, true).value;
    const pieces = document.createTreeWalker(coloured.content, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (pieces.nextNode()) texts.push(pieces.currentNode);
    place = 0;
    for (const piece of texts) {
      const [start, end] = [place, place + piece.data.length];
      place = end;
      const parts = [];
      let done = start;
      for (const [from, to] of emphasised) {
        const [a, b] = [Math.max(from, start), Math.min(to, end)];
        if (a >= b) continue;
        const bold = document.createElement('b');
        bold.textContent = text.slice(a, b);
        parts.push(text.slice(done, a), bold);
        done = b;
      }
      if (parts.length) piece.replaceWith(...parts, text.slice(done, end));
    }
    content.forEach(node => node.remove());
    line.append(coloured.content);
  }

  for (const block of document.querySelectorAll('pre > code[class*="language-"]')) {
    if (!columns.test(block.className)) inLines(block);
  }
  for (const line of document.querySelectorAll('figure.step pre.lines :is(ins, del, span.same):not(.comment)')) colour(line);
})();

(function keyboard() {
  const sidebar = document.getElementById('mdbook-sidebar-toggle-anchor');
  document.getElementById('mdbook-sidebar-toggle').addEventListener('click', () => sidebar.click());

  // What is scrolled can be reached with the keyboard, but is no stop on the way where there is nothing to scroll.
  const scrolled = document.querySelectorAll('main :is(.table-wrapper, .frame, pre > code)');
  const measure = entries => entries.forEach(({ target }) => {
    const wide = target.scrollWidth > target.clientWidth;
    target.classList.toggle('scrolls', wide);
    if (wide) target.tabIndex = 0;
    else target.removeAttribute('tabindex');
  });
  const sizes = new ResizeObserver(measure);
  scrolled.forEach(element => sizes.observe(element));

  // On a disk nobody serves a home page.
  if (location.protocol === 'file:') document.querySelector('.menu-title a').removeAttribute('href');
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

  function find(words) {
    return window.bookEntries
      .map(entry => ({ entry, weight: weigh(entry, words) }))
      .filter(hit => hit.weight > 0)
      .sort((a, b) => b.weight - a.weight);
  }

  // Chinese has no blanks between words: 连接队列内核 is cut into the words that it is made of. The browser's dictionary
  // lacks some, and gives their characters: those that follow each other are taken for a word first, and then left out.
  function cuts(words) {
    if (!Intl.Segmenter) return [];
    const segmenter = new Intl.Segmenter('zh-Hans', { granularity: 'word' });
    const parts = words.flatMap(word => Array.from(segmenter.segment(word)).filter(part => part.isWordLike).map(part => part.segment));
    const joined = parts.reduce((all, part) => {
      const alone = part.length === 1;
      if (alone && all.length && all.at(-1).alone) all.at(-1).text += part;
      else all.push({ text: part, alone });
      return all;
    }, []);
    return [joined.map(part => part.text), parts.filter(part => part.length > 1)].filter(words => words.length);
  }

  function show() {
    let words = fold(input.value).folded.split(/\s+/).filter(word => word);
    results.replaceChildren();
    if (!words.length || !window.bookEntries) return;
    let hits = find(words);
    if (!hits.length && words.some(word => /\p{Script=Han}/u.test(word))) {
      const found = cuts(words).find(words => find(words).length);
      if (found) [words, hits] = [found, find(found)];
    }
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
  // What an input method composes is not yet what is meant: pinyin, for one.
  input.addEventListener('input', event => {
    if (!event.isComposing) show();
  });
  input.addEventListener('compositionend', show);
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
