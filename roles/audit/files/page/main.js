// Which view is shown, and with which filter: both stand in the address, so that a view can be sent to somebody.
const Router = (() => {
  const views = { findings: Findings, containers: Containers, hosts: Hosts, fixed: Fixed };
  const sections = [...document.querySelectorAll("main > section")];

  function link(view, filter = {}) {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value)).toString();
    return `#/${view}${query ? `?${query}` : ""}`;
  }

  function follow() {
    const [name, query] = location.hash.slice(2).split("?");
    const wanted = document.getElementById(name) && sections.some((section) => section.id === name) ? name : "overview";
    for (const section of sections) section.hidden = section.id !== wanted;
    for (const anchor of document.querySelectorAll("nav a")) {
      if (anchor.hash === `#/${wanted}`) anchor.setAttribute("aria-current", "page");
      else anchor.removeAttribute("aria-current");
    }
    const view = views[wanted];
    if (!view) return;
    const filter = Object.fromEntries(new URLSearchParams(query ?? ""));
    const form = view.section.querySelector("form");
    if (form) for (const field of form.elements) if (field.name && field !== document.activeElement) field.value = filter[field.name] ?? "";
    view.show(filter);
  }

  for (const [name, view] of Object.entries(views)) {
    const form = view.section.querySelector("form");
    if (!form) continue;
    let pending = null;
    const apply = () => {
      clearTimeout(pending);
      const filter = Object.fromEntries(new FormData(form));
      history.replaceState(null, "", link(name, filter));
      follow();
    };
    form.addEventListener("input", (event) => {
      clearTimeout(pending);
      // Whoever types is let finish the word.
      pending = setTimeout(apply, event.target.tagName === "SELECT" ? 0 : 120);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
  }

  const engines = [...new Set(Data.containers.rows.map((row) => row[2]))].map((index) => Data.texts[index]).sort();
  for (const select of document.querySelectorAll("[name=engine]")) select.append(...engines.map((name) => element("option", {}, name)));
  document.getElementById("host-names").append(...Data.hosts.map((host) => element("option", { value: host.name })));

  document.documentElement.classList.add("program");
  document.querySelector("nav").hidden = false;
  addEventListener("hashchange", follow);
  queueMicrotask(follow);
  return { link };
})();
