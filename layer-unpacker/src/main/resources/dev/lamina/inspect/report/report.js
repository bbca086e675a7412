// Draws the picture of where the bytes are, from the data in the page. A node is
// [name, bytes, files, shown bytes, children, note]; what is too small to be drawn is in no child.
(() => {
  'use strict';
  const map = document.getElementById('map');
  const way = document.getElementById('way');
  const said = document.getElementById('said');
  const root = JSON.parse(document.getElementById('sizes').textContent);
  const [NAME, BYTES, FILES, SHOWN, CHILDREN, NOTE] = [0, 1, 2, 3, 4, 5];
  const HEAD = 19;
  const GAP = 2;
  // Fields inside fields: more of them would be too small to be seen, and slow to draw.
  const DEEPEST = 6;
  const MOST = 1200;
  let trail = [root];

  const size = (bytes) => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let value = bytes;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return value.toFixed(digits) + units[unit];
  };

  const files = (count) => (count === 1 ? '1 file' : count.toLocaleString('en') + ' files');

  const describe = (node) => {
    const gone = node[BYTES] - node[SHOWN];
    const hidden = gone > 0 ? `, ${size(gone)} of it hidden by later layers` : '';
    const note = node[NOTE] ? `. ${node[NOTE]}` : '';
    return `${node[NAME]}: ${size(node[BYTES])}, ${files(node[FILES])}${hidden}${note}`;
  };

  const opens = (node) => (node[CHILDREN] || []).length > 0;

  // Children and, where they have less than the node, one cell for all the smaller ones.
  const parts = (node) => {
    const children = (node[CHILDREN] || []).filter((child) => child[BYTES] > 0);
    const sum = (what) => children.reduce((total, child) => total + child[what], 0);
    const rest = node[BYTES] - sum(BYTES);
    if (rest > 0) {
      const count = node[FILES] - sum(FILES);
      const smaller = [files(count) + ', smaller', rest, count, node[SHOWN] - sum(SHOWN)];
      smaller.rest = true;
      return [...children, smaller];
    }
    return children;
  };

  // Squarified treemap (Bruls, Huizing, van Wijk 2000): rows whose cells are nearly square.
  const layOut = (nodes, x, y, width, height) => {
    const cells = [];
    let left = [...nodes].sort((a, b) => b[BYTES] - a[BYTES]);
    let area = left.reduce((total, node) => total + node[BYTES], 0);
    while (left.length > 0 && width > 0 && height > 0) {
      const side = Math.min(width, height);
      const scale = (width * height) / area;
      let count = 0;
      let sum = 0;
      let worst = Infinity;
      while (count < left.length) {
        const next = sum + left[count][BYTES] * scale;
        const ratio = Math.max(
          (side * side * left[0][BYTES] * scale) / (next * next),
          (next * next) / (side * side * left[count][BYTES] * scale));
        if (ratio > worst) {
          break;
        }
        worst = ratio;
        sum = next;
        count++;
      }
      const thick = sum / side;
      let at = 0;
      for (const node of left.slice(0, count)) {
        const long = (node[BYTES] * scale) / thick;
        cells.push(width < height
          ? { node, x: x + at, y, width: long, height: thick }
          : { node, x, y: y + at, width: thick, height: long });
        at += long;
        area -= node[BYTES];
      }
      if (width < height) {
        y += thick;
        height -= thick;
      } else {
        x += thick;
        width -= thick;
      }
      left = left.slice(count);
    }
    return cells;
  };

  // Neighbours differ; none is the red that means trouble elsewhere on the page.
  const HUES = [212, 160, 42, 268, 96, 190, 318, 24];
  const hue = (index) => HUES[index % HUES.length];

  const cell = (tag, box, hueOf) => {
    const node = box.node;
    const element = document.createElement(tag);
    element.className = 'cell' + (node.rest ? ' rest' : '') + (opens(node) ? ' open' : '');
    element.style.left = box.x + GAP / 2 + 'px';
    element.style.top = box.y + GAP / 2 + 'px';
    element.style.width = Math.max(1, box.width - GAP) + 'px';
    element.style.height = Math.max(1, box.height - GAP) + 'px';
    element.style.setProperty('--hue', hueOf);
    element.title = describe(node);
    const gone = node[BYTES] - node[SHOWN];
    if (gone > 0) {
      const hatch = document.createElement('span');
      hatch.className = 'gone hatched';
      hatch.style.height = (100 * gone) / node[BYTES] + '%';
      element.append(hatch);
    }
    if (box.width > 46 && box.height > 17) {
      const label = document.createElement('span');
      label.className = 'label';
      label.textContent = node.rest ? node[NAME] : `${node[NAME]}  ${size(node[BYTES])}`;
      if (node[NOTE]) {
        label.textContent += `  ${node[NOTE]}`;
      }
      element.append(label);
    }
    return element;
  };

  const zoom = (next) => {
    trail = next;
    draw();
    said.textContent = describe(trail[trail.length - 1]);
    const first = map.querySelector('button');
    if (first) {
      first.focus({ preventScroll: true });
    } else {
      map.focus({ preventScroll: true });
    }
  };

  // Draws what is in the node of a field into the field; steps lead from the root to the node.
  const nest = (element, box, steps, hueOf, depth, budget) => {
    if (!opens(box.node) || box.width < 60 || box.height < 46 || depth > DEEPEST) {
      return;
    }
    const inner = layOut(parts(box.node), 2, HEAD, box.width - GAP - 6, box.height - GAP - HEAD - 4);
    const seen = inner.filter((part) => part.width > 4 && part.height > 4);
    if (seen.length > budget.left) {
      return;
    }
    budget.left -= seen.length;
    const hatch = element.querySelector('.gone');
    if (hatch) {
      hatch.remove();
    }
    for (const part of seen) {
      const child = cell('span', part, hueOf);
      child.setAttribute('aria-hidden', 'true');
      child.style.setProperty('--depth', depth % 2);
      const way = [...steps, part.node];
      if (opens(part.node)) {
        child.addEventListener('click', (event) => {
          event.stopPropagation();
          zoom(way);
        });
      }
      nest(child, part, way, hueOf, depth + 1, budget);
      element.append(child);
    }
  };

  const draw = () => {
    const node = trail[trail.length - 1];
    const layers = root[CHILDREN];
    const budget = { left: MOST };
    map.replaceChildren();
    for (const box of layOut(parts(node), 1, 1, map.clientWidth - 2, map.clientHeight - 2)) {
      const layer = trail.length > 1 ? trail[1] : box.node;
      const hueOf = hue(layers.indexOf(layer));
      const element = cell(opens(box.node) ? 'button' : 'div', box, hueOf);
      if (opens(box.node)) {
        element.type = 'button';
        element.setAttribute('aria-label', describe(box.node) + '. Open.');
        element.addEventListener('click', () => zoom([...trail, box.node]));
      } else {
        element.setAttribute('role', 'img');
        element.setAttribute('aria-label', describe(box.node));
      }
      nest(element, box, [...trail, box.node], hueOf, 1, budget);
      map.append(element);
    }
    way.replaceChildren(...trail.map((step, index) => {
      const item = document.createElement('li');
      const last = index === trail.length - 1;
      const inner = document.createElement(last ? 'span' : 'button');
      inner.textContent = step[NAME];
      if (last) {
        inner.setAttribute('aria-current', 'location');
        inner.textContent += `  ${size(step[BYTES])}`;
      } else {
        inner.type = 'button';
        inner.addEventListener('click', () => zoom(trail.slice(0, index + 1)));
      }
      item.append(inner);
      return item;
    }));
  };

  map.addEventListener('keydown', (event) => {
    if ((event.key === 'Escape' || event.key === 'Backspace') && trail.length > 1) {
      event.preventDefault();
      zoom(trail.slice(0, -1));
    }
  });
  document.getElementById('picture').hidden = false;
  new ResizeObserver(draw).observe(map);
})();
