// What failed in the audit before and does not any more.
const Fixed = (() => {
  const section = document.getElementById("fixed");
  const list = new VirtualList(section.querySelector(".list"), (row, one) => {
    row.classList.add("fixed");
    row.append(
      element("span", { className: "cell who" }, element("strong", { title: one.container }, one.container), element("span", { className: "quiet" }, ` on ${Data.hosts[one.host].name}`)),
      element("span", { className: "cell" }, Data.texts[one.title]),
      element("span", { className: "quiet" }, one.gone ? "container gone" : "passes now"));
  }, () => {});
  return {
    section,
    show() {
      list.show(Data.fixed);
      section.querySelector(".result").textContent = Shown.count(Data.fixed.length, "finding");
    },
  };
})();
