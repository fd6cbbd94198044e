// Keyboard for the question on a first visit: F6 goes to it and back. No trap, no stealing of focus.
const dialog = document.querySelector("[data-consent-dialog]");
if (dialog) {
  let before = null;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (dialog.contains(document.activeElement)) {
      (before ?? document.querySelector("#main a, #main button"))?.focus();
    } else {
      before = document.activeElement;
      dialog.querySelector("button").focus();
    }
  });
  // What gets the focus is scrolled to where the question does not cover it, and not further.
  const make_room = () => {
    const covers = getComputedStyle(dialog).position === "sticky" ? dialog.offsetHeight : 0;
    document.documentElement.style.scrollPaddingBlockEnd = `${covers}px`;
  };
  new ResizeObserver(make_room).observe(dialog);
}
