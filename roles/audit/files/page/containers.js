// The view of containers and their memory.
const Containers = (() => {
  const section = document.getElementById("containers");
  const { containers, hosts, verdicts, rules, texts } = Data;
  const detail = new Detail(section.querySelector(".detail"), "Choose a container to see its findings.");

  function fill(element_, index) {
    const row = containers.rows[index];
    element_.classList.add("container");
    const figure = (bytes, name) => element("span", { className: `figure ${name}` }, Shown.size(bytes));
    element_.append(
      element("span", { className: "level" }, Shown.severity(containers.worst[index])),
      element("span", { className: "cell who" }, element("strong", { title: row[0] }, row[0]), element("span", { className: "quiet" }, ` on ${hosts[containers.host[index]].name}`)),
      element("span", { className: "gauge" }, Shown.memoryBar(row), element("span", { className: "percent" }, Shown.share(index))),
      figure(row[6], "usage"), figure(row[7], "working"), figure(row[8], "limit"), figure(row[9], "effective"));
  }

  function choose(index) {
    const row = containers.rows[index];
    const host = hosts[containers.host[index]];
    const found = row[12].map((number) => verdicts[number]).map((verdict) => element("li", {},
      Shown.severity(rules[verdict[0]][2]), ` ${texts[rules[verdict[0]][1]]}`,
      element("span", { className: "quiet" }, ` ${Shown.STATUS[Data.statuses[verdict[2]]]}`)));
    detail.show(
      element("h2", {}, row[0]), element("p", {}, `on ${host.name}`, element("span", { className: "quiet" }, `, audited ${Shown.time(host.auditedAt)}`)),
      Shown.memoryBar(row), Detail.container(row),
      element("h3", {}, Shown.count(found.length, "finding")), found.length ? element("ul", { className: "plain" }, ...found) : null,
      Detail.links(["Its findings", "findings", { q: row[1], host: host.name }], ["Its host", "hosts", { q: host.name }]));
  }

  const list = new VirtualList(section.querySelector(".list"), fill, choose);
  const result = section.querySelector(".result");
  return {
    section,
    show(filter) {
      const found = Search.containers(filter);
      detail.clear();
      list.show(found);
      const more = found.length > VirtualList.MOST ? `, of which the first ${VirtualList.MOST.toLocaleString("en")} are listed` : "";
      result.textContent = `${found.length.toLocaleString("en")} of ${Shown.count(containers.rows.length, "container")}${more}`;
    },
  };
})();
