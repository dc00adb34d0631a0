// What is told of a chosen row, beside the list; on a narrow screen above its lower end.
class Detail {
  constructor(aside, hint) {
    this.aside = aside;
    this.hint = hint;
    aside.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.clear();
  }

  clear() {
    this.aside.classList.remove("open");
    this.aside.replaceChildren(element("p", { className: "quiet" }, this.hint));
  }

  close() {
    this.clear();
    this.aside.closest("section").querySelector(".list").focus();
  }

  show(...children) {
    const close = element("button", { type: "button", className: "close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => this.close());
    this.aside.replaceChildren(close, ...children.filter(Boolean));
    this.aside.classList.add("open");
    this.aside.scrollTop = 0;
  }

  // The three words on a check side by side.
  static words(verdict, row) {
    const cell = (title, index, missing) =>
      element("div", {}, element("dt", {}, title), element("dd", { className: index < 0 ? "quiet" : null }, Data.text(index, row) ?? missing));
    return element("dl", { className: "words" },
      cell("Expected", verdict[3], ""),
      cell("Declared by the engine", verdict[4], "nothing"),
      cell("Enforced by the kernel", verdict[5], "could not be told"));
  }

  static evidence(verdict, row) {
    const lines = verdict[8].map(([path, value]) => element("li", {},
      element("code", {}, Data.text(path, row)), value < 0 ? null : " = ", value < 0 ? null : element("code", {}, Data.text(value, row))));
    return lines.length ? [element("h3", {}, "Read from"), element("ul", { className: "evidence" }, ...lines)] : [];
  }

  static section(title, text) {
    return text ? [element("h3", {}, title), element("p", {}, text)] : [];
  }

  static links(...pairs) {
    return element("p", { className: "links" }, ...pairs.map(([text, view, filter]) => element("a", { href: Router.link(view, filter) }, text)));
  }

  static container(row) {
    const [name, id, engine, image, state, pid, , , , , source, nested] = row;
    const facts = [
      ["Engine", `${Data.text(engine)}${Data.text(state) ? `, ${Data.text(state)}` : ""}`], ["Image", Data.text(image) ?? "unknown"], ["Id", id],
      ["PID", pid === null ? "none" : String(pid)], ["Memory", Shown.memoryWords(row)], ["Limit that counts", Data.text(source) ?? "unknown"],
      ["Inside of", nested],
    ];
    return element("dl", { className: "facts", "aria-label": name },
      ...facts.filter(([, text]) => text).flatMap(([title, text]) => [element("dt", {}, title), element("dd", {}, text)]));
  }
}
