// Pieces of the page. Text goes in as text, never as markup.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in made && typeof made[name] !== "object") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const Shown = (() => {
  const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

  function size(bytes) {
    if (bytes === null || bytes === undefined) return "unknown";
    if (bytes === -1) return "unlimited";
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toPrecision(3)} ${UNITS[unit]}`;
  }

  const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

  function severity(level) {
    const word = Data.severities[level];
    return word ? element("span", { className: `severity ${word}` }, word) : element("span", { className: "severity clear" }, "none");
  }

  const STATUS = { fail: "failed", unknown: "could not be told", waived: "waived" };

  function share(index) {
    const value = Data.containers.share[index];
    return Number.isNaN(value) ? "" : `${Math.round(value * 100)} %`;
  }

  // Usage, working set, limit and effective limit of a container on one scale, from 0 to the largest of them.
  function memoryBar(row) {
    const [, , , , , , usage, working, limit, effective] = row;
    const most = Math.max(usage ?? 0, limit ?? 0, effective ?? 0);
    const bar = element("span", { className: "memory", role: "img", "aria-label": memoryWords(row) });
    const part = (kind, bytes, property) => {
      if (bytes === null || bytes < 0 || !most) return;
      const mark = element("span", { className: kind });
      mark.style[property] = `${(100 * bytes) / most}%`;
      bar.append(mark);
    };
    part("usage", usage, "width");
    part("working", working, "width");
    part("limit", limit, "left");
    part("effective", effective, "left");
    if (effective && usage / effective > 0.9) bar.classList.add("full");
    return bar;
  }

  function memoryWords(row) {
    return `${size(row[6])} used, working set ${size(row[7])}, limit ${size(row[8])}, effective limit ${size(row[9])}`;
  }

  const time = (stamp) => (stamp ? `${stamp.replace("T", " ").replace("Z", "")} UTC` : "never");

  return { size, count, severity, share, memoryBar, memoryWords, time, STATUS };
})();
