// The bridge to an external player that the learner has admitted. It takes three messages, from that frame and its origin only:
// {"calyptenora": "watched", "position": s, "duration": s, "watched": s}, {"calyptenora": "ended"}, {"calyptenora": "ready"}.
function find_frame(event) {
  for (const holder of document.querySelectorAll("[data-embed]")) {
    const frame = holder.querySelector("iframe");
    if (frame && event.source === frame.contentWindow && event.origin === new URL(frame.src).origin) return holder;
  }
  return null;
}

const seconds = (value) => (Number.isFinite(value) && value >= 0 && value < 86_400 ? value.toFixed(1) : null);

window.addEventListener("message", (event) => {
  const kind = event.data?.calyptenora;
  const holder = kind ? find_frame(event) : null;
  if (!holder) return;
  if (kind === "ready") return void (holder.dataset.ready = "true");
  if (kind !== "watched" && kind !== "ended") return;
  const body = new URLSearchParams({
    csrf: holder.dataset.csrf,
    course: holder.dataset.course,
    lesson: holder.dataset.lesson,
    slot: holder.dataset.slot,
  });
  for (const name of ["position", "duration", "watched"]) {
    const value = seconds(event.data[name]);
    if (value !== null) body.set(name, value);
  }
  if (kind === "ended") body.set("ended", "true");
  fetch("/progress/watch", { method: "POST", body, keepalive: true }).catch(() => {});
});
