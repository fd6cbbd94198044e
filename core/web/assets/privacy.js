// Withdrawing acts without a reload: first the server, then this page and every other open one.
// Without this file the same forms work with a reload.
const state = { version: document.body.dataset.consentVersion ?? "" };
const channel = "BroadcastChannel" in window ? new BroadcastChannel("privacy") : null;

/** Removes the frames of recipients that are not admitted, and lets the page load no others. */
function remove_frames(is_admitted) {
  let removed = false;
  for (const holder of document.querySelectorAll("[data-embed]")) {
    if (is_admitted(holder.dataset.recipient)) continue;
    for (const frame of holder.querySelectorAll("iframe")) {
      frame.remove();
      removed = true;
    }
    holder.querySelector("[data-withdraw]")?.remove();
    holder.querySelector("[data-stopped]")?.removeAttribute("hidden");
  }
  if (!removed) return;
  // A policy can only be tightened by a page: what is left stays allowed, nothing else.
  const origins = new Set();
  for (const frame of document.querySelectorAll("iframe[src]")) origins.add(new URL(frame.src).origin);
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `frame-src ${[...origins].join(" ") || "'none'"}`;
  document.head.append(policy);
}

/** Reads what is admitted now. If that cannot be read, nothing counts as admitted. */
async function read_state() {
  let admitted = [];
  try {
    const answer = await fetch("/privacy/state", { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const json = await answer.json();
    admitted = json.admitted;
    state.version = String(json.version);
  } catch {
    if (!document.querySelector("[data-embed] iframe")) return;
  }
  remove_frames((recipient) => admitted.includes(recipient));
}

async function withdraw(event) {
  const form = event.target.closest("form[data-withdraw], form[data-withdraw-all]");
  if (!form || !("fetch" in window)) return;
  event.preventDefault();
  const recipient = form.dataset.withdraw;
  const button = form.querySelector("button");
  button.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
  } catch {
    form.submit();
    return;
  }
  if (answer.type !== "opaqueredirect" && !answer.ok) {
    form.submit();
    return;
  }
  remove_frames((other) => recipient !== undefined && other !== recipient);
  channel?.postMessage({ withdrawn: recipient ?? null });
  // The rows of the privacy page, their dates and the picture come from the server.
  if (document.querySelector("[data-recipient-row]")) location.reload();
}

document.addEventListener("submit", withdraw);
channel?.addEventListener("message", ({ data }) => {
  remove_frames((recipient) => data.withdrawn !== null && recipient !== data.withdrawn);
  read_state();
});
// A tab that was asleep for days, or comes out of the back-forward cache, asks again before anything else happens in it.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && read_state());
window.addEventListener("pageshow", (event) => event.persisted && read_state());
setInterval(() => {
  if (document.visibilityState === "visible" && document.querySelector("[data-embed] iframe")) read_state();
}, 60_000);
