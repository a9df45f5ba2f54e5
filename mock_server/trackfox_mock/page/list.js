// A list of thousands of rows of which only those in sight are drawn.

import { h } from "./dom.js";

const SPARE = 6;

/**
 * A virtual list.
 *
 * `items()` are what is shown, from the top; each has an `id`. `draw(item)` makes what stands in a row, `height()` is
 * in pixels, the same for all. Where somebody has scrolled down, what they look at stays in its place while rows come
 * in above it.
 */
export function virtualList({ items, draw, height, label }) {
  const sizer = h("ol.rows", { "aria-label": label });
  const node = h("div.scroller", { tabindex: "-1" }, sizer);
  const shown = new Map();
  let topId = null;
  let waiting = 0;

  function update() {
    const all = items();
    const tall = height();
    if (node.scrollTop > tall / 2 && topId !== null) {
      const before = Math.floor(node.scrollTop / tall);
      const now = all.findIndex((item) => item.id === topId);
      if (now >= 0 && now !== before) node.scrollTop += (now - before) * tall;
    }
    sizer.style.height = `${all.length * tall}px`;
    paint(all, tall);
  }

  function paint(all = items(), tall = height()) {
    const first = Math.max(0, Math.floor(node.scrollTop / tall) - SPARE);
    const last = Math.min(all.length, Math.ceil((node.scrollTop + node.clientHeight) / tall) + SPARE);
    topId = all[Math.floor(node.scrollTop / tall)]?.id ?? null;
    const gone = new Set(shown.keys());
    for (let index = first; index < last; index += 1) {
      const item = all[index];
      let row = shown.get(item.id);
      if (!row || row.item !== item) {
        const element = h("li", { "data-id": item.id }, draw(item));
        if (row) row.element.replaceWith(element);
        else sizer.append(element);
        row = { item, element, top: -1, size: 0 };
        shown.set(item.id, row);
      }
      gone.delete(item.id);
      if (row.top !== index * tall) {
        row.top = index * tall;
        row.element.style.transform = `translateY(${row.top}px)`;
        row.element.setAttribute("aria-posinset", index + 1);
      }
      if (row.size !== all.length) {
        row.size = all.length;
        row.element.setAttribute("aria-setsize", all.length);
      }
    }
    for (const id of gone) {
      shown.get(id).element.remove();
      shown.delete(id);
    }
  }

  node.addEventListener("scroll", () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      paint();
    });
  }, { passive: true });

  return {
    node,
    update,
    /** Draw every row in sight anew. */
    redraw() {
      for (const row of shown.values()) row.item = null;
      update();
    },
    /** Scroll so that an item is in sight, and give its element. */
    show(index) {
      const tall = height();
      if (index * tall < node.scrollTop) node.scrollTop = index * tall;
      else if ((index + 1) * tall > node.scrollTop + node.clientHeight) node.scrollTop = (index + 1) * tall - node.clientHeight;
      paint();
      return shown.get(items()[index]?.id)?.element ?? null;
    },
  };
}
