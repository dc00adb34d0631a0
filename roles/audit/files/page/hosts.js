// The view of hosts, with the picture of who shares namespaces.
const Hosts = (() => {
  const section = document.getElementById("hosts");
  const { hosts } = Data;
  const detail = new Detail(section.querySelector(".detail"), "Choose a host to see who shares namespaces on it.");
  const STATE = { audited: "", kept: "from an earlier run", lost: "lost" };

  function fill(element_, index) {
    const host = hosts[index];
    element_.classList.add("host");
    element_.append(
      element("span", { className: "cell who" }, element("strong", { title: host.name }, host.name), STATE[host.state] ? element("span", { className: "mark" }, STATE[host.state]) : null),
      ...host.counts.map((count, severity) => element("span", { className: count ? `figure ${Data.severities[severity]}` : "figure zero", title: Data.severities[severity] },
        count.toLocaleString("en"), element("span", { className: "unit" }, ` ${Data.severities[severity]}`))),
      element("span", { className: "figure" }, host.containers.toLocaleString("en"), element("span", { className: "unit" }, ` ${host.containers === 1 ? "container" : "containers"}`)));
  }

  // The picture was escaped when it was made, and as SVG that is parsed by itself no script in it would run.
  function picture(text) {
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return element("div", { className: "wide", tabIndex: 0, role: "region", "aria-label": "Shared namespaces" }, document.importNode(parsed, true));
  }

  function choose(index) {
    const host = hosts[index];
    detail.show(
      element("h2", {}, host.name),
      host.error ? element("p", { className: "warn" }, `Not audited: ${host.error}`) : null,
      element("p", { className: "quiet" }, `Audited ${Shown.time(host.auditedAt)}${host.state === "kept" ? ", in an earlier run" : ""}`),
      host.line ? element("p", {}, host.line) : null,
      ...host.engines.map((text) => element("p", { className: "warn" }, text)),
      host.picture ? element("h3", {}, "Shared namespaces") : null,
      host.picture ? picture(host.picture) : null,
      Detail.links(["Its findings", "findings", { host: host.name }], ["Its containers", "containers", { host: host.name }]));
  }

  const list = new VirtualList(section.querySelector(".list"), fill, choose);
  const result = section.querySelector(".result");
  return {
    section,
    show(filter) {
      const found = Search.hosts(filter);
      detail.clear();
      list.show(found);
      result.textContent = `${found.length.toLocaleString("en")} of ${Shown.count(hosts.length, "host")}`;
      // A single host is what was looked for.
      if (found.length === 1) list.activate(0, true);
    },
  };
})();
