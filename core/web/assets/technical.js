// Tells the operator how this page did, and on what: only what was allowed is read from the device (data-uses), and the server
// asks again when it comes in. Said once, when the page is left.
const { csrf, page, uses } = document.querySelector("script[data-uses]").dataset;
const told = {};
let seen_until = document.visibilityState === "hidden" ? 0 : Infinity;
let is_over = false;

const observe = (type, each, options) => {
  try {
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  } catch {
    // This browser does not measure that.
  }
};

if (uses.includes("performance")) {
  told.ttfb = performance.getEntriesByType("navigation")[0]?.responseStart;
  observe("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint" && startTime < seen_until) told.fcp = startTime;
  });
  observe("largest-contentful-paint", ({ startTime }) => {
    if (startTime < seen_until) told.lcp = startTime;
  });
  // What moved within five seconds, each at most one after the last, belongs together; the worst of it counts.
  let [sum, begun, last] = [0, 0, 0];
  if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) told.cls = 0;
  observe("layout-shift", ({ hadRecentInput, startTime, value }) => {
    if (hadRecentInput) return;
    if (startTime - last > 1000 || startTime - begun > 5000) [sum, begun] = [0, startTime];
    sum += value * 1000;
    last = startTime;
    told.cls = Math.max(told.cls, sum);
  });
  const answers = new Map();
  const note = ({ interactionId, duration }) => {
    if (!interactionId) return;
    answers.set(interactionId, Math.max(duration, answers.get(interactionId) ?? 0));
    // The slowest, but for one in fifty.
    told.inp = [...answers.values()].sort((a, b) => b - a)[Math.floor(answers.size / 50)];
  };
  observe("event", note, { durationThreshold: 16 });
  observe("first-input", note);
}
if (uses.includes("functional")) {
  const width = [600, 1024, 1440, 1920].find((limit) => screen.width < limit);
  told.screen = width ? `under_${width}` : "from_1920";
}

function tell() {
  if (is_over) return;
  is_over = true;
  const body = new URLSearchParams({ csrf, page });
  for (const [name, value] of Object.entries(told))
    if (value !== undefined) body.set(name, typeof value === "number" ? Math.round(value) : value);
  fetch("/technical-data", { method: "POST", body, keepalive: true }).catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  seen_until = Math.min(seen_until, performance.now());
  tell();
});
window.addEventListener("pagehide", tell);
// Withdrawn in another window: nothing is told any more.
if ("BroadcastChannel" in window)
  new BroadcastChannel("privacy").addEventListener("message", ({ data }) => {
    if (data.withdrawn === null || data.withdrawn === "core/technical") is_over = true;
  });
