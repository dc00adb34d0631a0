// Which rows a filter lets through. Each distinct verdict, container and host is looked at once, not each finding.
const Search = (() => {
  const { texts, rules, verdicts, severities, hosts, containers, findings } = Data;
  let lowerTexts = null;
  let lowerContainers = null;
  const lower = {
    texts: () => (lowerTexts ??= texts.map((text) => text.toLowerCase())),
    containers: () =>
      (lowerContainers ??= containers.rows.map((row, index) =>
        `${row[0]} ${row[1]} ${texts[row[3]] ?? ""} ${hosts[containers.host[index]].name}`.toLowerCase())),
  };
  const terms = (query) => (query ?? "").toLowerCase().split(/\s+/).filter(Boolean);

  // 1 for each verdict that has the term in a text of its own or of its rule.
  function verdictsWith(term) {
    const inTexts = lower.texts().map((text) => text.includes(term));
    const inRules = rules.map((rule) => inTexts[rule[0]] || inTexts[rule[1]] || (rule[3] >= 0 && inTexts[rule[3]]));
    return Uint8Array.from(verdicts, (verdict) =>
      inRules[verdict[0]] || inTexts[verdict[1]] || verdict.slice(3, 8).some((text) => text >= 0 && inTexts[text]) ||
      verdict[8].some(([path, value]) => inTexts[path] || (value >= 0 && inTexts[value])) ? 1 : 0);
  }

  const containersWith = (term) => Uint8Array.from(lower.containers(), (text) => (text.includes(term) ? 1 : 0));

  // A host by its name; what is no host's name is part of one.
  function hostTest(name) {
    if (!name) return null;
    const exact = hosts.some((host) => host.name === name);
    const wanted = name.toLowerCase();
    return Uint8Array.from(hosts, (host) =>
      (exact ? host.name === name : host.name.toLowerCase().includes(wanted)) ? 1 : 0);
  }

  function containerTest({ host, engine }) {
    const onHost = hostTest(host);
    if (!onHost && !engine) return null;
    return Uint8Array.from(containers.rows, (row, index) =>
      (!onHost || onHost[containers.host[index]]) && (!engine || texts[row[2]] === engine) ? 1 : 0);
  }

  return {
    findings(filter) {
      const { severity, status, rule, change } = filter;
      const wantedStatus = Data.statuses.indexOf(status);
      const wantedChange = ["", "new", "open"].indexOf(change ?? "");
      const wantedSeverity = severities.indexOf(severity);
      const verdictFits = Uint8Array.from(verdicts, (verdict) => {
        const [name, , level] = rules[verdict[0]];
        return (wantedSeverity < 0 || level === wantedSeverity) && (wantedStatus < 0 || verdict[2] === wantedStatus) &&
          (!rule || texts[name] === rule) ? 1 : 0;
      });
      const containerFits = containerTest(filter);
      const tests = terms(filter.q).map((term) => [verdictsWith(term), containersWith(term)]);
      const found = new Uint32Array(findings.order.length);
      let count = 0;
      next: for (const index of findings.order) {
        const verdict = findings.verdict[index];
        const container = findings.container[index];
        if (!verdictFits[verdict] || (containerFits && !containerFits[container])) continue;
        if (wantedChange > 0 && findings.change[index] !== wantedChange) continue;
        for (const [inVerdict, inContainer] of tests) if (!inVerdict[verdict] && !inContainer[container]) continue next;
        found[count++] = index;
      }
      return found.subarray(0, count);
    },

    containers(filter) {
      const wanted = filter.severity === "none" ? Data.none : severities.indexOf(filter.severity);
      const fits = containerTest(filter);
      const tests = terms(filter.q).map(containersWith);
      const found = [];
      for (let index = 0; index < containers.rows.length; index++) {
        const row = containers.rows[index];
        if ((fits && !fits[index]) || (wanted >= 0 && containers.worst[index] !== wanted)) continue;
        if (filter.memory === "unlimited" && row[8] !== -1) continue;
        if (filter.memory === "lowered" && !(row[9] !== null && (row[8] === -1 || row[8] > row[9]) &&
          !["host", "container"].includes(texts[row[10]]))) continue;
        if (filter.memory === "full" && !(containers.share[index] > 0.9)) continue;
        if (tests.every((test) => test[index])) found.push(index);
      }
      return found.sort(ORDERS[filter.order] ?? ORDERS.worst);
    },

    hosts(filter) {
      const wanted = filter.severity === "none" ? Data.none : severities.indexOf(filter.severity);
      const words = terms(filter.q);
      const found = [];
      hosts.forEach((host, index) => {
        const text = `${host.name} ${host.line} ${host.error} ${host.engines.join(" ")}`.toLowerCase();
        if ((wanted < 0 || host.worst === wanted) && (!filter.state || host.state === filter.state) &&
          words.every((word) => text.includes(word))) found.push(index);
      });
      const lost = (host) => (host.state === "lost" ? 0 : 1);
      return found.sort((one, other) => {
        const [a, b] = [hosts[one], hosts[other]];
        const differs = a.counts.findIndex((count, severity) => count !== b.counts[severity]);
        return lost(a) - lost(b) || (differs < 0 ? one - other : b.counts[differs] - a.counts[differs]);
      });
    },
  };
})();

// Of containers; what can't be told comes last.
const ORDERS = (() => {
  const { rows, worst, share } = Data.containers;
  const last = (value) => (value === null || Number.isNaN(value) ? -1 : value);
  return {
    worst: (one, other) => worst[one] - worst[other] || one - other,
    share: (one, other) => last(share[other]) - last(share[one]) || one - other,
    usage: (one, other) => last(rows[other][6]) - last(rows[one][6]) || one - other,
    name: (one, other) => (rows[one][0] < rows[other][0] ? -1 : rows[one][0] > rows[other][0] ? 1 : one - other),
  };
})();
