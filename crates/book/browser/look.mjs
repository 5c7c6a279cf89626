// Opens the home page and the books on every lesson, as a reader does, and says what is not right.

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const root = process.argv[2];
const out = join(root, 'target/browser');
const built = join(root, 'target/book');
const lessons = ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11'];
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
// Long enough for a server that serves one client after another, and a browser that opens connections in advance.
const PATIENT = 60_000;
// What a lesson says where the kernel or a container does not permit what it is about. It has not failed then.
const NOT_PERMITTED = 'cannot use io_uring: ';

const faults = [];

function demand(holds, place, what) {
  if (!holds) {
    faults.push(`${place}: ${what}`);
    console.log(`NOT RIGHT  ${place}: ${what}`);
  }
}

// Runs `use` with the address of a lesson that serves a folder; ends the lesson in any case. Says whether it was permitted to run.
async function withLesson(lesson, folder, use) {
  const files = folder ? ['--root', folder] : [];
  const options = ['--port', '0', '--quiet', '--timeout', '1', ...files];
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
  await page.waitForLoadState('networkidle');
}

// The chapter with the most that unfolds: it has sections and hints, which is what is to be tried.
async function richest(page, address) {
  const chapters = chaptersOf('en');
  const counts = [];
  for (const chapter of chapters) {
    await open(page, `${address}/en/${chapter}`);
    counts.push(await page.locator('main details').count());
  }
  return chapters[counts.indexOf(Math.max(...counts))];
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
  await page.waitForURL(`**/zh/${chapter}#${id}`, { waitUntil: 'networkidle' });
  demand((await page.locator('html').getAttribute('lang')) === 'zh-Hans', place, 'the switch does not lead to the Chinese page');
  const top = await page.evaluate(id => document.getElementById(id).getBoundingClientRect().top, id);
  demand(Math.abs(top) < 300, place, `the switch does not stay on the section: #${id} is at ${top}`);
  await page.locator('#language-switch').click();
  await page.waitForURL(`**/en/${chapter}#${id}`, { waitUntil: 'networkidle' });
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
  await page.waitForLoadState('networkidle');
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

// Every page of both books, wide and narrow, light and dark: nothing hangs out at the side.
async function tryLooks(browser, address, place) {
  // Side by side, since each waits more than it works: until the network has been silent for a while.
  const forms = [['light', WIDE, 'wide'], ['dark', NARROW, 'narrow']];
  await Promise.all(forms.map(async ([scheme, viewport, form]) => {
    const page = await watched(browser, address, place, { viewport, colorScheme: scheme });
    for (const language of ['en', 'zh']) {
      for (const chapter of chaptersOf(language)) {
        await open(page, `${address}/${language}/${chapter}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        demand(over <= 0, `${language}/${chapter}, ${form}`, `the page is ${over} pixels too wide`);
        const name = `${language}-${chapter.replace('.html', '')}-${form}-${scheme}.png`;
        await page.screenshot({ path: join(out, name), fullPage: true });
      }
    }
    await page.context().close();
  }));
}

async function tryBook(browser, lesson, chapter) {
  return withLesson(lesson, built, async address => {
    const place = `lesson-${lesson}, book`;
    const page = await watched(browser, address, place);
    await open(page, `${address}/`);
    demand(page.url().endsWith('/en/index.html'), place, `an English browser is led to ${page.url()}`);
    await trySwitch(page, address, chapter, place);
    await trySearch(page, address, 'en', 'connection', place);
    await trySearch(page, address, 'zh', '连接 描述符', place);
    await tryInputMethod(page, address, place);
    await tryHints(page, address, 'en', chapter, place);
    await tryHints(page, address, 'zh', chapter, place);
    await page.context().close();
  });
}

async function tryHome(browser, lesson) {
  return withLesson(lesson, join(root, 'html'), async address => {
    const place = `lesson-${lesson}, home page`;
    const page = await watched(browser, address, place);
    await open(page, `${address}/`);
    demand((await page.title()) !== '', place, 'it has no title');
    const card = page.locator(`.ladder #lesson-${lesson}.current`);
    await card.waitFor({ timeout: 5_000 }).catch(() => {});
    demand((await card.count()) === 1, place, 'it does not show which lesson has sent it');
    await page.screenshot({ path: join(out, `home-lesson-${lesson}.png`), fullPage: true });
    await open(page, `${address}/lessons/`);
    demand(await page.locator(`section#lesson-${lesson}`).isVisible(), place, 'the page of lessons does not know it');
    await page.context().close();
  });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  await withLesson('01', null, async address => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await open(page, `${address}/`);
    demand((await page.locator('h1').count()) > 0, 'lesson-01', 'its page has no heading');
    await context.close();
  });
  const use = async chapter => {
    for (const lesson of lessons) {
      const permitted = (await tryHome(browser, lesson)) && (await tryBook(browser, lesson, chapter));
      console.log(`lesson-${lesson} ${permitted ? 'has served the home page and the books' : 'is not permitted here: NOT LOOKED AT'}`);
    }
  };
  await withLesson('08', built, async address => {
    const page = await watched(browser, address, 'lesson-08, all pages');
    const chapter = await richest(page, address);
    await page.context().close();
    await Promise.all([tryLooks(browser, address, 'lesson-08, all pages'), use(chapter)]);
  });
} finally {
  await browser.close();
}
console.log(faults.length ? `\n${faults.length} not right` : `\nall right; pictures are in ${out}`);
process.exitCode = faults.length ? 1 : 0;
