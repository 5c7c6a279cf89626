"use strict";

// The pages are complete without this file. It adds what only a running browser knows: who sent this page, and how.

rememberLanguage();
openBook();
showAddress();
showServer();
showRequests();

// Text in both languages; the style sheet hides the one that the reader does not want.
function both(en, zh) {
  const english = document.createElement("span");
  english.className = "en";
  english.textContent = en;
  const chinese = document.createElement("span");
  chinese.className = "zh";
  chinese.lang = "zh-Hans";
  chinese.textContent = zh;
  const text = document.createDocumentFragment();
  text.append(english, " ", chinese);
  return text;
}

// A reader who has chosen before, here or in the book, or else whose browser says so, sees one language; the choice of both
// is there. A browser may refuse storage, in a private window for one. The choice is then good for one page only.
function rememberLanguage() {
  const choices = [...document.querySelectorAll("input[name=language]")];
  let wanted = null;
  try {
    wanted = localStorage.getItem("language");
  } catch {}
  wanted ??= /^zh\b/i.test(navigator.language) ? "zh" : "en";
  const choice = choices.find((choice) => choice.value === wanted);
  if (choice) choice.checked = true;
  for (const choice of choices) {
    choice.addEventListener("change", () => {
      try {
        localStorage.setItem("language", choice.value);
      } catch {}
      sayLanguage(choice.value);
    });
  }
  sayLanguage(wanted);
}

// What the style sheet cannot switch: the language of the page, its title, and what is said in place of the pictures.
function sayLanguage(language) {
  const chinese = language === "zh";
  document.documentElement.lang = chinese ? "zh-Hans" : "en";
  for (const picture of document.querySelectorAll("img[data-alt-zh]")) {
    picture.dataset.altEn ??= picture.alt;
    picture.alt = chinese ? picture.dataset.altZh : picture.dataset.altEn;
  }
}

// The book is among these files once it has been built. If it has not, say how, instead of an error.
function openBook() {
  for (const link of document.querySelectorAll(".to-the-book")) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const there = await fetch(link.href, { method: "HEAD" })
        .then((answer) => answer.text().then(() => answer.ok)) // empty, and read, as below
        .catch(() => false);
      if (there) location.assign(link.href);
      document.querySelector(".no-book").hidden = there;
    });
  }
}

// On 你好.html: the path of this page as it travels.
function showAddress() {
  const line = document.getElementById("address");
  if (!line) return;
  line.textContent = `GET ${location.pathname} HTTP/1.1`;
}

// HEAD asks for the header fields alone, which is all we need: the `Server` field names the lesson.
async function showServer() {
  const line = document.getElementById("server");
  if (!line) return;
  try {
    const response = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    await response.text(); // empty, but a browser may show an answer that nobody reads as cancelled
    const name = response.headers.get("Server");
    if (name === null) {
      line.replaceChildren(both("The answer has no Server field.", "响应里没有 Server 字段。"));
      return;
    }
    line.textContent = `Server: ${name}`;
    const stage = /^lesson-(0[1-9]|1[01])$/.test(name) && document.getElementById(name);
    if (stage) highlight(stage);
  } catch {
    line.replaceChildren(both("The server did not answer.", "服务器没有回答。"));
  }
}

function highlight(stage) {
  stage.classList.add("current");
  stage.setAttribute("aria-current", "step");
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.append(both("sent this page", "本页由它送出"));
  stage.querySelector(".head").append(badge);
}

// The table follows the browser's own list of requests, which grows while the page is open.
function showRequests() {
  const table = document.getElementById("requests");
  if (!table) return;
  const page = performance.getEntriesByType("navigation");
  let onlyPictures = false;

  const draw = () => {
    const requests = performance.getEntriesByType("resource");
    fillTable(table, onlyPictures ? requests : [...page, ...requests]);
  };
  new PerformanceObserver(draw).observe({ type: "resource" });
  addEventListener("load", () => setTimeout(draw));

  const again = document.getElementById("again");
  again.addEventListener("click", () => {
    onlyPictures = true;
    performance.clearResourceTimings();
    for (const picture of document.querySelectorAll(".ladder img")) {
      fetch(picture.src, { cache: "no-store" })
        .then((response) => response.arrayBuffer())
        .catch(() => {}); // the Network panel shows the failure better than we could
    }
  });
  again.hidden = false;
  table.parentElement.hidden = false;
}

function fillTable(table, requests) {
  requests.sort((a, b) => a.startTime - b.startTime);
  const first = Math.min(...requests.map((request) => request.startTime));
  const last = Math.max(...requests.map((request) => request.responseEnd));
  const rows = requests.map((request, index) => {
    const row = document.createElement("tr");
    const start = request.startTime - first;
    const took = request.responseEnd - request.startTime;
    const connection = connectionOf(request);
    row.className = connection;
    row.append(
      cell(String(index + 1), "count"),
      cell(nameOf(request), "mono"),
      bar(start / (last - first), took / (last - first)),
      cell(start.toFixed(1), "count"),
      cell(took.toFixed(1), "count"),
      cell(connectionNames[connection]()),
      cell(request.nextHopProtocol || "–", "mono"),
    );
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
}

const connectionNames = {
  new: () => both("new", "新建"),
  reused: () => both("reused", "沿用"),
  cache: () => both("none: from the cache", "无，来自缓存"),
  failed: () => both("failed", "失败"),
};

// There is no field for this. On a reused connection no time is spent connecting, and `connectStart` is the start itself.
function connectionOf(request) {
  if (request.responseStatus === 0) return "failed";
  if (request.transferSize === 0) return "cache";
  const connected = request.connectEnd > request.connectStart || request.connectStart > request.fetchStart;
  return connected ? "new" : "reused";
}

function nameOf(request) {
  const path = new URL(request.name).pathname;
  return request.initiatorType === "fetch" ? `${path} (fetch)` : path;
}

function cell(content, className = "") {
  const cell = document.createElement("td");
  cell.className = className;
  cell.append(content);
  return cell;
}

function bar(from, span) {
  const line = document.createElement("span");
  line.style.setProperty("--from", from);
  line.style.setProperty("--span", span);
  return cell(line, "track");
}
