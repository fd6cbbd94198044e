// Our own videos: HLS, the place to go on from, and watched time. hls.js plays wherever it can; the
// browser's own HLS comes second, since Chromium says "maybe" to it and is worse at renewing addresses.
const own_script = document.querySelector('script[src*="/player.js"]');
const hls_url = own_script?.dataset.hls;

/** Reports the seconds that were really played, at most every 15 s and when the page is left. */
function report_watched(figure, video) {
  let since = null;
  let watched = 0;
  const settle = () => {
    const now = performance.now();
    if (since !== null) watched += (now - since) / 1000;
    since = video.paused || video.seeking ? null : now;
  };
  const send = () => {
    settle();
    if (watched < 1) return;
    const body = new URLSearchParams({
      csrf: figure.dataset.csrf,
      course: figure.dataset.course,
      lesson: figure.dataset.lesson,
      slot: figure.dataset.slot,
      position: video.currentTime.toFixed(1),
      duration: Number.isFinite(video.duration) ? video.duration.toFixed(1) : "0",
      watched: watched.toFixed(1),
    });
    watched = 0;
    fetch("/progress/watch", { method: "POST", body, keepalive: true }).catch(() => {});
  };
  for (const name of ["play", "playing", "pause", "seeking", "seeked", "waiting", "ended"]) video.addEventListener(name, settle);
  for (const name of ["pause", "ended"]) video.addEventListener(name, send);
  setInterval(() => !video.paused && send(), 15_000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
}

/** Signed addresses expire; a fresh one comes from the server, in the learner's session. */
async function renewed_source(figure) {
  const answer = await fetch(figure.dataset.renew, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).src;
}

async function start(figure) {
  const video = figure.querySelector("video");
  const problem = figure.querySelector("[data-problem]");
  const resume = Number(figure.dataset.resume) || 0;
  report_watched(figure, video);
  let renewals = 0;
  const fail = () => problem.removeAttribute("hidden");

  const { default: Hls } = await import(hls_url);
  if (!Hls.isSupported()) {
    if (!video.canPlayType("application/vnd.apple.mpegurl")) return;
    const play_from = (source, position) => {
      video.addEventListener("loadedmetadata", () => (video.currentTime = position), { once: true });
      video.src = source;
    };
    video.addEventListener("error", async () => {
      if (++renewals > 3) return fail();
      await renewed_source(figure).then((source) => play_from(source, video.currentTime || resume), fail);
    });
    play_from(figure.dataset.src, resume);
    return;
  }
  // A worker would need a blob: address, which Trusted Types and our policy forbid.
  const hls = new Hls({ enableWorker: false, autoStartLoad: false, startPosition: resume });
  hls.on(Hls.Events.ERROR, async (_, { fatal, type, response }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return hls.recoverMediaError();
    const expired = response?.code === 403 || response?.code === 410;
    if (!expired || ++renewals > 3) return fail();
    const position = video.currentTime || resume;
    await renewed_source(figure).then((source) => {
      hls.loadSource(source);
      hls.startLoad(position);
    }, fail);
  });
  video.replaceChildren(...video.querySelectorAll("track"));
  hls.loadSource(figure.dataset.src);
  hls.attachMedia(video);
  video.addEventListener("play", () => hls.startLoad(video.currentTime || resume), { once: true });
}

for (const figure of document.querySelectorAll("[data-player]")) {
  start(figure).catch(() => figure.querySelector("[data-problem]").removeAttribute("hidden"));
}
