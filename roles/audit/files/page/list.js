// A list of which only the rows in view exist. Rows are as high as the style says (--row), and chosen with the arrow
// keys or a click.
class VirtualList {
  // `fill(row, item)` puts an item into an empty row; `choose(item)` is called when one is chosen.
  constructor(list, fill, choose) {
    this.list = list;
    this.fill = fill;
    this.choose = choose;
    this.items = [];
    this.active = -1;
    this.rows = new Map(); // index -> element
    this.space = element("div", { className: "space", role: "presentation" });
    this.head = list.querySelector(".head");
    list.append(this.space);
    list.addEventListener("scroll", () => this.schedule(), { passive: true });
    list.addEventListener("keydown", (event) => this.key(event));
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.activate(Number(row.dataset.index), true);
    });
    new ResizeObserver(() => this.measure()).observe(list);
  }

  // No browser can make an element higher than this; more rows than fit wait for a narrower filter.
  static MOST = 150000;

  show(items) {
    this.items = items.length > VirtualList.MOST ? items.slice(0, VirtualList.MOST) : items;
    this.active = -1;
    this.list.removeAttribute("aria-activedescendant");
    this.list.scrollTop = 0;
    this.clear();
    this.measure();
  }

  measure() {
    const height = parseFloat(getComputedStyle(this.list).getPropertyValue("--row"));
    if (height !== this.height) this.clear();
    this.height = height;
    this.space.style.height = `${this.items.length * height}px`;
    this.draw();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  clear() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  draw() {
    if (!this.list.clientHeight) return;
    const spare = 6;
    const first = Math.max(0, Math.floor(this.list.scrollTop / this.height) - spare);
    const last = Math.min(this.items.length, Math.ceil((this.list.scrollTop + this.list.clientHeight) / this.height) + spare);
    for (const [index, row] of this.rows) {
      if (index < first || index >= last) {
        row.remove();
        this.rows.delete(index);
      }
    }
    for (let index = first; index < last; index++) if (!this.rows.has(index)) this.add(index);
  }

  add(index) {
    const row = element("div", {
      id: `${this.list.closest("section").id}-${index}`, className: "row", role: "option",
      "aria-selected": String(index === this.active), "aria-setsize": this.items.length, "aria-posinset": index + 1,
    });
    row.dataset.index = index;
    row.style.transform = `translateY(${index * this.height}px)`;
    this.fill(row, this.items[index]);
    // Readers of the page meet the rows in their order, in whichever order they were drawn.
    let next = this.space.firstElementChild;
    while (next && Number(next.dataset.index) < index) next = next.nextElementSibling;
    this.space.insertBefore(row, next);
    this.rows.set(index, row);
  }

  activate(index, chosen) {
    if (index < 0 || index >= this.items.length) return;
    this.rows.get(this.active)?.setAttribute("aria-selected", "false");
    this.active = index;
    const top = index * this.height;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    // The head stays above the rows, so it takes from their room.
    const bottom = top + this.height - this.list.clientHeight + (this.head?.offsetHeight ?? 0);
    if (bottom > this.list.scrollTop) this.list.scrollTop = bottom;
    this.draw();
    const row = this.rows.get(index);
    row.setAttribute("aria-selected", "true");
    this.list.setAttribute("aria-activedescendant", row.id);
    if (chosen) this.choose(this.items[index]);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / this.height) - 1);
    const steps = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: this.items.length - 1, Enter: this.active, " ": this.active,
    };
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey || !this.items.length) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(this.items.length - 1, steps[event.key]));
    // On a narrow screen the choice covers the list, so it takes a key of its own.
    const covers = matchMedia("(max-width: 900px)").matches;
    this.activate(index, !covers || event.key === "Enter" || event.key === " ");
  }
}
