// How long somebody learns in this lesson: while the page is seen, and something has moved or played within the last minute.
// Reported every half minute and when the page is left; the server counts no more than has passed.
const { csrf, course, lesson } = document.querySelector("article[data-counts]").dataset;
const QUIET = 60_000;
const STEP = 5_000;
let spent = 0;
let settled = performance.now();
let active_until = settled + QUIET;

const is_playing = () => [...document.querySelectorAll("video")].some((video) => !video.paused && !video.ended);

/** Adds what has passed since the last time; a longer gap than between steps was sleep. */
function settle() {
  const now = performance.now();
  if (is_playing()) active_until = now + QUIET;
  const passed = Math.min(now, active_until) - settled;
  if (document.visibilityState === "visible" && passed > 0 && now - settled < 3 * STEP) spent += passed;
  settled = now;
}

function report() {
  const seconds = Math.floor(spent / 1000);
  spent -= seconds * 1000;
  const body = new URLSearchParams({ csrf, course, lesson, seconds });
  fetch("/progress/time", { method: "POST", body, keepalive: true }).catch(() => {});
}

/** After a silence the server counts from the first word on. */
function come_back() {
  const was_quiet = settled > active_until;
  active_until = settled + QUIET;
  if (was_quiet) report();
}

function leave() {
  settle();
  if (spent >= 1000) report();
}

for (const move of ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"])
  document.addEventListener(
    move,
    () => {
      settle();
      come_back();
    },
    { passive: true },
  );
setInterval(settle, STEP);
setInterval(() => spent >= 1000 && report(), 6 * STEP);
document.addEventListener("visibilitychange", () => {
  // What passed before counts as what the page was before.
  if (document.visibilityState === "hidden") {
    const now = performance.now();
    const passed = Math.min(now, active_until) - settled;
    if (passed > 0 && now - settled < 3 * STEP) spent += passed;
    settled = now;
    if (spent >= 1000) report();
  } else {
    settled = performance.now();
    come_back();
  }
});
window.addEventListener("pagehide", leave);
report();
