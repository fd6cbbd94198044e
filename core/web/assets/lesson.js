// The place in a lesson's text: taken up before the first paint, and reported when reading rests or ends. A place is
// "heading.block.share": the heading above, the number of the block below it, and how much of that block lies above the
// line from which one reads, per mille. So it is the same in every width and size of text (platform/place.hpp).
const article = document.querySelector("article[data-lesson]");
const blocks = [...article.querySelectorAll(".prose :is(h2, h3, h4, h5, h6, p, li, pre, figure, dt, dd, tr), .video, .placeholder")];
const is_heading = (block) => block.matches(".prose > :is(h2, h3, h4)[id]");

/** Where one reads, from the top of the window. */
const line = () => Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;

function find_place() {
  const from = line() + 1;
  let heading = "";
  let first = 0;
  let place = "";
  for (const [index, block] of blocks.entries()) {
    const { top, height } = block.getBoundingClientRect();
    if (height === 0) continue;
    if (top > from) break;
    if (is_heading(block)) [heading, first] = [block.id, index];
    const share = Math.min(1000, Math.max(0, Math.round(((from - 1 - top) / height) * 1000)));
    place = `${heading}.${index - first}.${share}`;
  }
  return place;
}

function go_to(place) {
  const [, heading, number, share] = /^(.*)\.(\d+)\.(\d+)$/.exec(place);
  const first = heading ? blocks.findIndex((block) => block.id === heading && is_heading(block)) : 0;
  const block = first < 0 ? null : (blocks[first + Number(number)] ?? blocks[first]);
  if (!block) return;
  const { top, height } = block.getBoundingClientRect();
  window.scrollTo({ top: window.scrollY + top + (height * share) / 1000 - line(), behavior: "instant" });
}

/** Stays there while fonts and pictures come, until the reader moves. */
function take_up(place) {
  const moves = ["wheel", "touchstart", "keydown", "pointerdown"];
  const stop = new AbortController();
  for (const move of moves) window.addEventListener(move, () => stop.abort(), { signal: stop.signal, passive: true });
  const again = () => stop.signal.aborted || go_to(place);
  go_to(place);
  document.fonts.ready.then(again);
  window.addEventListener("load", () => requestAnimationFrame(again), { signal: stop.signal });
}

// Going back and reloading are the browser's own, which knows the place better.
if (article.dataset.place && performance.getEntriesByType("navigation")[0]?.type === "navigate") take_up(article.dataset.place);

let reported = find_place();
let has_moved = false;
let resting = null;
function report() {
  clearTimeout(resting);
  if (!has_moved) return;
  has_moved = false;
  const place = find_place();
  if (place === reported) return;
  reported = place;
  const { csrf, course, lesson } = article.dataset;
  const body = new URLSearchParams({ csrf, course, lesson, place });
  fetch("/progress/place", { method: "POST", body, keepalive: true }).catch(() => {});
}

document.addEventListener(
  "scroll",
  () => {
    has_moved = true;
    clearTimeout(resting);
    resting = setTimeout(report, 1000);
  },
  { passive: true },
);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && report());
window.addEventListener("pagehide", report);

// Who goes to the notes from the middle of a lesson notes down something about the place where they are. Without the
// script the place is chosen by hand.
const find_heading = () => blocks.filter((block) => is_heading(block) && block.getBoundingClientRect().top <= line() + 1).at(-1);
document.querySelector("a[href='#notes-title']")?.addEventListener("click", () => {
  const choice = document.querySelector("#note-anchor");
  const heading = find_heading()?.id ?? "";
  if ([...choice.options].some((option) => option.value === heading)) choice.value = heading;
  choice.closest("details").open = true;
});
