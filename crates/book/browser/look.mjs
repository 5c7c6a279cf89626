// Opens the home page and the books on every lesson, as a reader does, and says what is not right.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { axe, look } from './audit.mjs';

const root = process.argv[2];
const out = join(root, 'target/browser');
const site = join(root, 'html');
const built = join(site, 'book');
const rules = readFileSync(join(out, 'node_modules/axe-core/axe.min.js'), 'utf8');
const lessons = ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11'];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
// Long enough for a server that serves one client after another, and a browser that opens connections in advance.
const PATIENT = 60_000;
// What a lesson says where the kernel or a container does not permit what it is about. It has not failed then.
const NOT_PERMITTED = 'cannot use io_uring: ';

// A page of each kind, for the rules of axe, which take a while.
const KINDS = ['index.html', 'lesson-05.html', 'designs.html', 'glossary.html', 'tcp.html'];

const faults = [];

function demand(holds, place, what) {
  if (!holds) {
    faults.push(`${place}: ${what}`);
    console.log(`NOT RIGHT  ${place}: ${what}`);
  }
}

// Runs `use` with the address of a lesson that serves a folder; ends the lesson in any case. Says whether it was permitted to run.
async function withLesson(lesson, folder, use, patience = ['--timeout', '1']) {
  const files = folder ? ['--root', folder] : [];
  const options = ['--port', '0', '--quiet', ...patience, ...files];
  const server = spawn(join(root, 'target/debug', `lesson-${lesson}`), options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => server.once('exit', resolve));
  const silent = new Promise(resolve => server.once('close', resolve));
  let said = '';
  server.stderr.on('data', text => {
    said += text;
    process.stderr.write(text);
  });
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const address = line.match(/http:\/\/\S+/);
      if (address) {
        await use(address[0]);
        return true;
      }
    }
    await silent;
    if (said.includes(NOT_PERMITTED)) return false;
    throw new Error(`lesson-${lesson} does not listen`);
  } finally {
    server.kill();
    await ended;
  }
}

// A page that notes every error, every request that fails, and every request to another host.
async function watched(browser, address, place, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', ...options });
  context.setDefaultTimeout(PATIENT);
  const page = await context.newPage();
  page.on('console', message => demand(message.type() !== 'error', place, `the console says: ${message.text()}`));
  page.on('pageerror', error => demand(false, place, `a script fails: ${error.message}`));
  page.on('requestfailed', request => {
    // The icon is asked for when the rest is there. On a busy machine the page has been left by then.
    const left = request.failure()?.errorText === 'net::ERR_ABORTED' && request.url().includes('favicon');
    demand(left, place, `${request.url()} fails: ${request.failure()?.errorText}`);
  });
  page.on('response', response => demand(response.status() < 400, place, `${response.url()} is answered ${response.status()}`));
  page.on('request', request => {
    const local = request.url().startsWith(address) || request.url().startsWith('data:');
    demand(local, place, `it asks another host: ${request.url()}`);
  });
  return page;
}

async function open(page, url) {
  await page.goto(url, { waitUntil: 'load' });
}

// The chapter with the most that unfolds: it has sections and hints, which is what is to be tried.
function richest() {
  const count = chapter => readFileSync(join(built, 'en', chapter), 'utf8').split('<details').length;
  return chaptersOf('en').reduce((most, chapter) => (count(chapter) > count(most) ? chapter : most));
}

function chaptersOf(language) {
  const beside = ['index.html', 'print.html', 'toc.html'];
  const pages = readdirSync(join(built, language)).filter(name => name.endsWith('.html') && !beside.includes(name));
  return ['index.html', ...pages.sort()];
}

async function trySwitch(page, address, chapter, place) {
  await open(page, `${address}/en/${chapter}`);
  const ids = await page.locator('main h2[id]').evaluateAll(headings => headings.map(heading => heading.id));
  const id = ids[Math.min(2, ids.length - 1)];
  await page.evaluate(id => document.getElementById(id).scrollIntoView(), id);
  await page.locator('#language-switch').click();
  await page.waitForURL(`**/zh/${chapter}#${id}`);
  demand((await page.locator('html').getAttribute('lang')) === 'zh-Hans', place, 'the switch does not lead to the Chinese page');
  const top = await page.evaluate(id => document.getElementById(id).getBoundingClientRect().top, id);
  demand(Math.abs(top) < 300, place, `the switch does not stay on the section: #${id} is at ${top}`);
  await page.locator('#language-switch').click();
  await page.waitForURL(`**/en/${chapter}#${id}`);
}

async function trySearch(page, address, language, words, place) {
  await open(page, `${address}/${language}/index.html`);
  await page.keyboard.press('/');
  await page.locator('#search-words').fill(words);
  const found = page.locator('#search-results li');
  await found.first().waitFor();
  const marked = await page.locator('#search-results li mark').allTextContents();
  for (const word of words.split(' ')) {
    demand(marked.some(text => text.toLowerCase() === word), place, `a search for ${words} marks no ${word}`);
  }
  if (place.startsWith('lesson-08')) await page.screenshot({ path: join(out, `search-${language}.png`) });
  await found.first().locator('a').click();
  await page.waitForLoadState('load');
  const text = (await page.locator('main').innerText()).toLowerCase();
  demand(words.split(' ').some(word => text.includes(word)), place, `a search for ${words} leads to a page without it`);
  await page.keyboard.press('/');
  await page.locator('#search-words').fill('no such word anywhere');
  await page.locator('#search-results p').first().waitFor();
  demand((await found.count()) === 0, place, 'a search for nothing finds something');
}

// What an input method brings with it: full-width letters, and an Escape that is not meant for the page.
async function tryInputMethod(page, address, place) {
  await open(page, `${address}/zh/index.html`);
  await page.keyboard.press('/');
  await page.locator('#search-words').fill('ＥＰＯＬＬ　ｃｏｎｎｅｃｔ');
  const marks = page.locator('#search-results li mark');
  await marks.first().waitFor({ timeout: 5_000 }).catch(() => {});
  const marked = (await marks.allTextContents()).map(text => text.toLowerCase());
  for (const word of ['epoll', 'connect']) {
    demand(marked.includes(word), place, `a search in full-width letters marks no ${word}`);
  }
  const press = event => page.locator('#search-words').dispatchEvent('keydown', { key: 'Escape', bubbles: true, ...event });
  for (const composing of [{ isComposing: true }, { keyCode: 229 }]) {
    await press(composing);
    const stays = await page.locator('#search').isVisible();
    demand(stays, place, `an Escape for the input method (${JSON.stringify(composing)}) closes the search`);
    if (!stays) await page.keyboard.press('/');
  }
  await press({});
  demand(!(await page.locator('#search').isVisible()), place, 'Escape does not close the search');
}

async function tryHints(page, address, language, chapter, place) {
  await open(page, `${address}/${language}/${chapter}`);
  const hint = page.locator('main details').first();
  const inside = hint.locator(':scope > :not(summary)').first();
  demand(!(await inside.isVisible()), place, 'a hint is open before anybody has asked');
  await hint.locator('summary').first().click();
  demand(await inside.isVisible(), place, 'a hint does not unfold');
}

// While an input method composes, nothing is searched for: pinyin is no word. A run of Chinese is found by its words.
async function tryComposing(page, address, place) {
  await open(page, `${address}/zh/index.html`);
  await page.keyboard.press('/');
  const method = await page.context().newCDPSession(page);
  const results = page.locator('#search-results');
  await page.waitForFunction(() => window.bookEntries);
  await method.send('Input.imeSetComposition', { text: 'miaoshufu', selectionStart: 9, selectionEnd: 9 });
  demand((await results.innerText()) === '', place, 'it searches while an input method composes');
  await method.send('Input.insertText', { text: '描述符' });
  await results.locator('li').first().waitFor({ timeout: 5_000 }).catch(() => {});
  demand((await results.locator('li').count()) > 0, place, 'what an input method has composed is not searched for');
  await page.locator('#search-words').fill('连接队列内核');
  await results.locator('li').first().waitFor({ timeout: 5_000 }).catch(() => {});
  const marked = await results.locator('mark').allTextContents();
  for (const word of ['连接', '队列', '内核']) {
    demand(marked.some(text => text.includes(word)), place, `a search for a run of Chinese words marks no ${word}`);
  }
}

// The keyboard alone: into the text, the contents open and shut, and what has the focus is seen.
async function tryKeyboard(page, address, place) {
  await open(page, `${address}/en/tcp.html`);
  const focus = () => page.evaluate(() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return { id: element.id, name: element.className, seen: box.bottom > 0, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
  });
  await page.keyboard.press('Tab');
  const skip = await focus();
  demand(skip.name === 'skip' && skip.seen, place, `Tab leads to ${JSON.stringify(skip)} first, and not to the link into the text`);
  await page.keyboard.press('Enter');
  demand((await focus()).id === 'main', place, 'the link into the text does not lead there');
  await open(page, `${address}/en/tcp.html`);
  const toggle = page.locator('#mdbook-sidebar-toggle');
  let reached = false;
  for (let stop = 0; stop < 80 && !reached; stop++) {
    await page.keyboard.press('Tab');
    const at = await focus();
    demand(at.outline, place, `it is not seen that ${at.id || at.name || 'something'} has the focus`);
    reached = at.id === 'mdbook-sidebar-toggle';
  }
  demand(reached, place, 'Tab does not reach the button for the contents');
  if (!reached) return;
  const before = await toggle.getAttribute('aria-expanded');
  await page.keyboard.press('Enter');
  demand((await toggle.getAttribute('aria-expanded')) !== before, place, 'the button for the contents does nothing');
  await page.keyboard.press('Enter');
}

async function tryContents(page, address, language, place) {
  await open(page, `${address}/${language}/index.html`);
  const parts = await page.locator('#mdbook-sidebar .part-title').count();
  demand(parts >= 3, place, `the sidebar of ${language} shows ${parts} parts`);
  const text = await page.locator('#mdbook-sidebar').innerText();
  for (const lesson of ['01', ...lessons]) demand(text.includes(lesson), place, `the sidebar of ${language} shows no ${lesson}`);
}

async function tryGlossary(page, address, language, place) {
  await open(page, `${address}/${language}/glossary.html`);
  const twin = page.locator('td.twin').first();
  demand(!(await twin.isVisible()), place, `the glossary of ${language} shows the other language unasked`);
  await page.locator('.ask-twin').check();
  demand(await twin.isVisible(), place, `the glossary of ${language} does not show the other language`);
}

async function tryWhole(page, address, language, place) {
  await open(page, `${address}/${language}/tcp.html`);
  await page.locator('.right-buttons a[href$="print.html"]').click();
  await page.waitForURL(`**/${language}/print.html`);
  const chapters = await page.locator('.cover a').evaluateAll(links => links.filter(link => document.getElementById(decodeURIComponent(link.hash.slice(1)))?.matches("main h1")).length);
  demand(chapters >= 20, place, `the contents of the whole book in ${language} lead to ${chapters} chapters`);
}

// A few tabs take the next page as soon as they have done with one.
async function inTabs(count, tasks, use) {
  const left = [...tasks];
  const tab = async () => {
    while (left.length) await use(left.shift());
  };
  await Promise.all(Array.from({ length: count }, tab));
}

// Every page of both books and of the home page, wide and narrow, light and dark.
async function tryLooks(browser, address) {
  const forms = [['light', WIDE, 'wide'], ['dark', WIDE, 'wide'], ['light', NARROW, 'narrow'], ['dark', NARROW, 'narrow']];
  const tasks = [];
  for (const [scheme, viewport, form] of forms) {
    for (const language of ['en', 'zh']) {
      // All of the pages in two forms, a page of each kind in all four.
      const all = (scheme === 'light') === (form === 'wide');
      const chapters = all ? chaptersOf(language) : KINDS;
      const own = { scheme, viewport, form, language };
      for (const chapter of chapters) {
        const name = `${language}-${chapter.replace('.html', '')}`;
        const kind = KINDS.includes(chapter);
        tasks.push({ ...own, path: `/book/${language}/${chapter}`, name, rules: form === 'wide' && kind, picture: kind });
      }
      for (const [path, name] of [['/', 'home'], ['/lessons/', 'home-lessons'], ['/你好.html', 'home-name'], ['/book/?choose', 'choice']]) {
        tasks.push({ ...own, path, name: `${language}-${name}`, rules: form === 'wide', picture: true });
      }
    }
  }
  const pages = {};
  await inTabs(4, tasks, async ({ scheme, viewport, form, language, path, name, rules: byRules, picture }) => {
    const kind = `${scheme}-${form}-${language}`;
    const free = (pages[kind] ??= []);
    const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
    const page = free.pop() ?? (await watched(browser, address, `all pages, ${kind}`, { viewport, colorScheme: scheme, locale }));
    const place = `${path}, ${language}, ${form}, ${scheme}`;
    await open(page, address + encodeURI(path));
    for (const what of await page.evaluate(look)) demand(false, place, what);
    if (byRules) {
      await page.evaluate(rules);
      for (const what of await page.evaluate(axe)) demand(false, place, what);
    }
    // A picture of a whole chapter takes longer than all that is looked at in it.
    if (picture) await page.screenshot({ path: join(out, `${name}-${form}-${scheme}.png`), fullPage: true });
    free.push(page);
  });
  await Promise.all(Object.values(pages).flat().map(page => page.context().close()));
}

// What a browser without scripts shows of the home page, and of the book.
async function tryWithoutScripts(browser, address) {
  const place = 'without scripts';
  const context = await browser.newContext({ viewport: WIDE, javaScriptEnabled: false });
  const page = await context.newPage();
  await open(page, `${address}/`);
  for (const language of ['en', 'zh']) {
    demand(await page.locator(`.start a.${language}`).isVisible(), place, `the home page shows no link to the book for ${language}`);
  }
  await page.locator('.start a.zh').click();
  await page.waitForURL('**/book/zh/');
  demand(await page.locator('main h1').isVisible(), place, 'the book shows no text');
  await page.locator('.menu-bar noscript label, .menu-bar label').first().click();
  const contents = page.frameLocator('.sidebar-iframe-outer').locator('.part-title').first();
  await contents.waitFor({ timeout: 5_000 }).catch(() => {});
  demand(await contents.isVisible(), place, 'the contents do not open');
  await context.close();
}

// A home page whose book nobody has built yet says so.
async function tryUnbuilt(browser, address) {
  const context = await browser.newContext({ viewport: WIDE, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.route('**/book/**', route => route.fulfill({ status: 404, body: '' }));
  await open(page, `${address}/`);
  await page.locator('.start a.zh').click();
  const note = page.locator('.no-book');
  await note.waitFor({ timeout: 5_000 }).catch(() => {});
  demand(await note.isVisible(), 'home page', 'it does not say that the book is not built');
  await context.close();
}

async function tryBook(browser, address, lesson, chapter) {
  const place = `lesson-${lesson}, book`;
  const book = `${address}/book`;
  const page = await watched(browser, address, place);
  await open(page, `${book}/`);
  await page.waitForURL('**/en/index.html', { timeout: 10_000 }).catch(() => {});
  demand(page.url().endsWith('/en/index.html'), place, `an English browser is led to ${page.url()}`);
  await trySwitch(page, book, chapter, place);
  await trySearch(page, book, 'en', 'connection', place);
  await trySearch(page, book, 'zh', '连接 描述符', place);
  await tryHints(page, book, 'en', chapter, place);
  await tryHints(page, book, 'zh', chapter, place);
  await page.context().close();
}

// What does not depend on who serves it.
async function tryOnce(browser, address, chapter) {
  const book = `${address}/book`;
  const page = await watched(browser, address, 'book');
  await tryInputMethod(page, book, 'search');
  await tryComposing(page, book, 'search');
  await tryKeyboard(page, book, 'keyboard');
  for (const language of ['en', 'zh']) {
    await tryContents(page, book, language, 'contents');
    await tryGlossary(page, book, language, 'glossary');
    await tryWhole(page, book, language, 'the whole book');
  }
  await page.context().close();
  await tryWithoutScripts(browser, address);
  await tryUnbuilt(browser, address);
}

// The home page in the language of the browser, and from there into the book.
async function tryHome(browser, address, lesson) {
  const place = `lesson-${lesson}, home page`;
  for (const [locale, own, other] of [['en-GB', 'en', 'zh'], ['zh-CN', 'zh', 'en']]) {
    const page = await watched(browser, address, place, { locale });
    await open(page, `${address}/`);
    demand((await page.title()) !== '', place, 'it has no title');
    const card = page.locator(`.ladder #lesson-${lesson}.current`);
    await card.waitFor({ timeout: 5_000 }).catch(() => {});
    demand((await card.count()) === 1, place, 'it does not show which lesson has sent it');
    demand(await page.locator(`h1 .${own}`).isVisible(), place, `a browser for ${locale} is not shown ${own}`);
    demand(!(await page.locator(`h1 .${other}`).isVisible()), place, `a browser for ${locale} is shown ${other} too`);
    const picture = await page.locator('.ladder img').first().getAttribute('alt');
    demand(/\p{Script=Han}/u.test(picture) === (own === 'zh'), place, `a browser for ${locale} is told of a picture: ${picture}`);
    if (own === 'en') {
      await open(page, `${address}/lessons/`);
      demand(await page.locator(`section#lesson-${lesson}`).isVisible(), place, 'the page of lessons does not know it');
      await open(page, `${address}/`);
    }
    await page.locator(`.start a.${own}`).click();
    await page.waitForURL(`**/book/${own}/`, { timeout: 10_000 }).catch(() => {});
    demand(page.url().endsWith(`/book/${own}/`), place, `the link to the book leads to ${page.url()}`);
    // What is chosen in the book holds on the home page.
    await page.locator('#language-switch').click();
    await page.waitForURL(`**/book/${other}/**`);
    await open(page, `${address}/`);
    demand(await page.locator(`h1 .${other}`).isVisible(), place, 'it does not know which language was chosen in the book');
    await page.context().close();
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox'],
  // What is to be seen of what can be scrolled are its bars.
  ignoreDefaultArgs: ['--hide-scrollbars'],
});
try {
  await withLesson('01', null, async address => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await open(page, `${address}/`);
    demand((await page.locator('h1').count()) > 0, 'lesson-01', 'its page has no heading');
    await context.close();
  });
  const chapter = richest();
  const onEach = () => inTabs(2, lessons, async lesson => {
    const permitted = await withLesson(lesson, site, async address => {
      await tryHome(browser, address, lesson);
      await tryBook(browser, address, lesson, chapter);
    });
    console.log(`lesson-${lesson} ${permitted ? 'has served the home page and the books' : 'is not permitted here: NOT LOOKED AT'}`);
  });
  await withLesson('08', site, async address => {
    await Promise.all([tryLooks(browser, address), tryOnce(browser, address, chapter), onEach()]);
    // A browser with many pages connects in advance, and may be slow to use what it has.
  }, ['--timeout', '30', '--per-client', '1000']);
} finally {
  await browser.close();
}
console.log(faults.length ? `\n${faults.length} not right` : `\nall right; pictures are in ${out}`);
process.exitCode = faults.length ? 1 : 0;
