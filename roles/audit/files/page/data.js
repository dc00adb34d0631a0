"use strict";

// The data of the page, from the JSON in it; page_data.py tells its shape. What a loop over all findings touches stands
// in typed arrays, so that a filter over a million of them takes milliseconds.
const Data = (() => {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const { texts, rules, verdicts, severities } = raw;
  const states = ["audited", "kept", "lost"];
  const statuses = ["fail", "unknown", "waived"];
  const none = severities.length; // the severity of what has no finding
  const hosts = [];
  let containerCount = 0;
  let findingCount = 0;
  for (const row of raw.hosts) {
    containerCount += row[8].length;
    for (const container of row[8]) findingCount += container[12].length;
  }
  const containers = {
    rows: new Array(containerCount),
    host: new Uint32Array(containerCount),
    worst: new Uint8Array(containerCount).fill(none),
    share: new Float64Array(containerCount), // of the effective limit in use, NaN where it can't be told
  };
  const findings = {
    container: new Uint32Array(findingCount),
    verdict: new Uint32Array(findingCount),
    change: new Uint8Array(findingCount), // 0 neither, 1 new, 2 still open
  };
  const fixed = [];
  let atContainer = 0;
  let atFinding = 0;
  raw.hosts.forEach((row, number) => {
    const [name, state, auditedAt, error, line, engines, picture, changes, list] = row;
    const counts = new Array(none).fill(0);
    for (const container of list) {
      const index = atContainer++;
      containers.rows[index] = container;
      containers.host[index] = number;
      const effective = container[9];
      containers.share[index] = container[6] === null || !effective ? NaN : container[6] / effective;
      const fresh = new Set(container[13]);
      container[12].forEach((verdict, position) => {
        const severity = rules[verdicts[verdict][0]][2];
        const fails = verdicts[verdict][2] === 0;
        findings.container[atFinding] = index;
        findings.verdict[atFinding] = verdict;
        findings.change[atFinding] = changes === null || !fails ? 0 : fresh.has(position) ? 1 : 2;
        atFinding++;
        if (fails) {
          counts[severity]++;
          containers.worst[index] = Math.min(containers.worst[index], severity);
        }
      });
    }
    const worst = counts.findIndex((count) => count > 0);
    hosts.push({
      name, state: states[state], auditedAt, error, line, engines, picture, counts,
      worst: worst < 0 ? none : worst, containers: list.length,
    });
    if (changes) for (const [gone, title, container] of changes[2]) fixed.push({ host: number, gone, title, container });
  });

  // Findings by what they came to, then by severity; within that as the hosts come.
  const buckets = Array.from({ length: statuses.length * none }, () => []);
  for (let index = 0; index < findingCount; index++) {
    const verdict = verdicts[findings.verdict[index]];
    buckets[verdict[2] * none + rules[verdict[0]][2]].push(index);
  }
  findings.order = new Uint32Array(findingCount);
  let at = 0;
  for (const bucket of buckets) for (const index of bucket) findings.order[at++] = index;

  return {
    texts, rules, verdicts, severities, states, statuses, none, hosts, containers, findings, fixed,
    // A text of a container's verdict, with the PID and the id back in it.
    text(index, container) {
      if (index < 0) return null;
      const text = texts[index];
      return container ? text.replaceAll("\u0001", container[5]).replaceAll("\u0002", container[1]) : text;
    },
  };
})();
