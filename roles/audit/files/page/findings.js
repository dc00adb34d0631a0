// The view of findings.
const Findings = (() => {
  const section = document.getElementById("findings");
  const { findings, containers, hosts, verdicts, rules, texts } = Data;
  const detail = new Detail(section.querySelector(".detail"), "Choose a finding to see its evidence and what to do.");

  function parts(index) {
    const verdict = verdicts[findings.verdict[index]];
    const container = findings.container[index];
    return { verdict, rule: rules[verdict[0]], row: containers.rows[container], host: hosts[containers.host[container]] };
  }

  function fill(element_, index) {
    const { verdict, rule, row, host } = parts(index);
    element_.classList.add("finding");
    const status = Data.statuses[verdict[2]];
    const change = ["", "new", ""][findings.change[index]];
    const cell = (text, className) => element("span", { className: `cell ${className}`, title: text || null }, text);
    element_.append(
      element("span", { className: "level" }, Shown.severity(rule[2]), status === "fail" ? null : element("span", { className: "mark" }, status),
        change ? element("span", { className: "mark new" }, change) : null),
      element("span", { className: "cell who" }, element("strong", { title: row[0] }, row[0]), element("span", { className: "quiet" }, ` on ${host.name}`)),
      cell(texts[rule[1]], "what"),
      cell(Data.text(verdict[3], row), "expected"),
      cell(Data.text(verdict[4], row) ?? "", "declared"),
      cell(Data.text(verdict[5], row) ?? (status === "unknown" ? "could not be told" : ""), "enforced"));
  }

  function choose(index) {
    const { verdict, rule, row, host } = parts(index);
    const status = Data.statuses[verdict[2]];
    detail.show(
      element("p", {}, Shown.severity(rule[2]), ` ${Shown.STATUS[status]}${["", ", new since the audit before", ", still open"][findings.change[index]]}`),
      element("h2", {}, texts[rule[1]]),
      element("p", {}, element("strong", {}, row[0]), ` on ${host.name}`, element("span", { className: "quiet" }, `, audited ${Shown.time(host.auditedAt)}`)),
      Detail.words(verdict, row),
      ...Detail.section("Why it could not be told", Data.text(verdict[6], row)),
      ...Detail.evidence(verdict, row),
      ...Detail.section("What to do", Data.text(verdict[7], row)),
      ...Detail.section("Waived", Data.text(verdict[9], row)),
      element("h3", {}, "The container"),
      Shown.memoryBar(row),
      Detail.container(row),
      element("p", { className: "quiet" }, `Rule ${texts[rule[0]]}, check ${texts[verdict[1]]}`),
      Detail.links(["All of this rule", "findings", { rule: texts[rule[0]] }], ["All of this host", "findings", { host: host.name }],
        ["This container", "containers", { q: row[1], host: host.name }]));
  }

  const list = new VirtualList(section.querySelector(".list"), fill, choose);
  const result = section.querySelector(".result");
  const options = section.querySelector("[name=rule]");
  for (const [name, title] of new Map(rules.map((rule) => [texts[rule[0]], texts[rule[1]]]))) options.append(element("option", { value: name }, title));

  return {
    section,
    show(filter) {
      const found = Search.findings(filter);
      detail.clear();
      list.show(found);
      const more = found.length > VirtualList.MOST ? `, of which the first ${VirtualList.MOST.toLocaleString("en")} are listed` : "";
      result.textContent = `${found.length.toLocaleString("en")} of ${Shown.count(findings.order.length, "finding")}${more}`;
    },
  };
})();
