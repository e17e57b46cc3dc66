// What is left of a text's limit, said quietly and announced only near the end.

const NEAR_THE_END = 20;

export function connect(field) {
  const text = field.querySelector("textarea, input");
  const note = field.querySelector("[data-char-count]");

  function show() {
    const left = text.maxLength - text.value.length;
    note.textContent = note.dataset.charCount.replace("{left}", left);
    note.setAttribute("aria-live", left <= NEAR_THE_END ? "polite" : "off");
  }

  text.addEventListener("input", show);
  show();
}
