// What is looked at on a page while it is open. Both functions run in the page and give sentences on what is not right.

// Letters and lines of figures, code, tables: all can be read, or shows that it can be scrolled.
export async function look() {
  // What a script measures comes with the next frame.
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const LEGIBLE = 11;
  const CONTRAST = 4.5;
  const faults = [];
  const main = document.querySelector('main');
  const first = text => JSON.stringify(text.trim().slice(0, 40));

  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over > 0) faults.push(`the page is ${over} pixels too wide`);

  // What is folded has a size, but is not laid out until it unfolds.
  const shown = element => element.offsetParent && !element.closest('details:not([open])');
  // A bar that takes room is one that is there before anybody scrolls.
  const bar = element => element.offsetHeight - element.clientHeight - parseFloat(getComputedStyle(element).borderTopWidth) * 2 >= 6;
  for (const box of main.querySelectorAll('pre > code, pre, .table-wrapper, .scroll, .frame')) {
    if (!shown(box) || box.scrollWidth <= box.clientWidth + 1) continue;
    const scrolls = ['auto', 'scroll'].includes(getComputedStyle(box).overflowX);
    const inner = box.matches('pre') && box.querySelector(':scope > code');
    if (inner && inner.scrollWidth > inner.clientWidth) continue;
    if (!scrolls || !bar(box)) faults.push(`${box.className || box.nodeName} is cut off at the side, and shows no scrollbar: ${first(box.textContent)}`);
    else if (box.tabIndex < 0) faults.push(`${box.className || box.nodeName} cannot be scrolled with the keyboard: ${first(box.textContent)}`);
  }

  for (const wrapper of main.querySelectorAll('.table-wrapper')) {
    if (!shown(wrapper) || wrapper.scrollWidth <= wrapper.clientWidth + 1) continue;
    wrapper.scrollLeft = wrapper.scrollWidth;
    const cell = wrapper.querySelector('tbody tr > :first-child:not([colspan])');
    const [at, from] = [cell.getBoundingClientRect(), wrapper.getBoundingClientRect()];
    if (Math.abs(at.left - from.left) > 2) faults.push(`the first column of a table does not stay: ${first(cell.textContent)}`);
    if (at.width > from.width * 0.6) faults.push(`the first column of a table leaves no room for the others: ${first(cell.textContent)}`);
    wrapper.scrollLeft = 0;
  }

  const numbers = colour => colour.match(/[\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = numbers(colour).map(part => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const page = getComputedStyle(document.querySelector('.page-wrapper') ?? document.body).backgroundColor;
  const within = (x, y, box) => x > box.left && x < box.right && y > box.top && y < box.bottom;

  for (const figure of main.querySelectorAll('figure.drawn')) {
    const svg = figure.querySelector('svg');
    const name = figure.id;
    const chinese = /^zh/.test(document.documentElement.lang);
    const alternative = svg.getAttribute('aria-label') ?? '';
    if (svg.getAttribute('role') !== 'img' || !alternative || chinese !== /\p{Script=Han}/u.test(alternative)) {
      faults.push(`${name} has no words in this language for who cannot see it`);
    }
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const shapes = Array.from(svg.querySelectorAll('rect, circle, path')).filter(shape => getComputedStyle(shape).fill !== 'none');
    const texts = Array.from(svg.querySelectorAll('text')).filter(text => text.textContent.trim());
    for (const text of texts) {
      const style = getComputedStyle(text);
      const size = parseFloat(style.fontSize) * scale;
      if (size < LEGIBLE - 0.05) faults.push(`${name}: letters ${size.toFixed(1)} pixels high: ${first(text.textContent)}`);
      const box = text.getBBox();
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const point = svg.createSVGPoint();
      Object.assign(point, middle);
      const under = shapes.filter(shape => shape.isPointInFill(point)).pop();
      const ratio = contrast(style.fill, under ? getComputedStyle(under).fill : page);
      if (ratio < CONTRAST) faults.push(`${name}: a contrast of ${ratio.toFixed(1)}: ${first(text.textContent)}`);
      const frame = svg.viewBox.baseVal;
      if (box.x < frame.x - 1 || box.x + box.width > frame.x + frame.width + 1) faults.push(`${name}: it is cut off: ${first(text.textContent)}`);
    }
    // A line through a word; but what is struck out is meant to be.
    for (const line of svg.querySelectorAll('path:not([class*="struck"])')) {
      const style = getComputedStyle(line);
      if (style.stroke === 'none' || style.fill !== 'none') continue;
      const length = line.getTotalLength();
      for (let at = 0; at <= length; at += 2) {
        const { x, y } = line.getPointAtLength(at);
        const hit = texts.find(text => {
          const box = text.getBBox();
          // The letters alone: a line may run close above or below.
          const size = parseFloat(getComputedStyle(text).fontSize);
          const middle = box.y + box.height / 2;
          return within(x, y, { left: box.x + 1, right: box.x + box.width - 1, top: middle - size * 0.25, bottom: middle + size * 0.3 });
        });
        if (hit) {
          faults.push(`${name}: a line runs through ${first(hit.textContent)}`);
          break;
        }
      }
    }
  }

  // Diffs have the colours of code, and comments stand back.
  const lines = Array.from(main.querySelectorAll('figure.step pre.lines :is(ins, del, span.same):not(.comment)'));
  if (lines.length && !lines.some(line => line.querySelector('[class^="hljs-"]'))) faults.push('a diff has no colours of code');
  const comment = main.querySelector('figure.step pre.lines .comment');
  if (comment) {
    const text = getComputedStyle(comment);
    const code = getComputedStyle(comment.closest('code')).color;
    if (text.color === code) faults.push('comments in a diff stand out as much as code');
  }
  return [...new Set(faults)];
}

// What axe-core finds, which has to be in the page.
export async function axe() {
  const found = await window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
  });
  return found.violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map(node => `${node.target.join(' ')} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''})`);
    return `${id}, ${nodes.length} times: ${help}: ${where.join('; ')}`;
  });
}
