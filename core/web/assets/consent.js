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
  // The page keeps exactly as much room as the question covers.
  const make_room = () => {
    const covers = getComputedStyle(dialog).position === "fixed" ? dialog.offsetHeight : 0;
    document.body.style.paddingBlockEnd = `${covers}px`;
    document.documentElement.style.scrollPaddingBlockEnd = `${covers}px`;
  };
  new ResizeObserver(make_room).observe(dialog);
}
