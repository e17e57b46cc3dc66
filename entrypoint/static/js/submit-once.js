// One press, one request. The button says what happens meanwhile (data-busy-text).

export function connect(form) {
  let pressed = null;

  form.addEventListener("submit", (event) => {
    if (pressed) {
      event.preventDefault();
      return;
    }
    pressed = event.submitter ?? form.querySelector("button:not([type=button])");
    if (!pressed) return;
    pressed.setAttribute("aria-busy", "true");
    if (pressed.dataset.busyText) {
      pressed.dataset.restText = pressed.textContent;
      pressed.textContent = pressed.dataset.busyText;
    }
  });

  // Back from the next page the form may come out of the browser's memory, still busy.
  addEventListener("pageshow", (event) => {
    if (!event.persisted || !pressed) return;
    pressed.removeAttribute("aria-busy");
    if (pressed.dataset.restText) pressed.textContent = pressed.dataset.restText;
    pressed = null;
  });
}
