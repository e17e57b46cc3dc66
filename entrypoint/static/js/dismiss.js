// Flash messages get a button that closes them; a menu or question closes on Escape and, a menu, on a press elsewhere.

export function connect(element) {
  if (element instanceof HTMLDetailsElement) closeDetails(element);
  else addButton(element);
}

function closeDetails(details) {
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  if (!details.classList.contains("menu")) return;
  document.addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target)) details.open = false;
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false;
  });
}

function addButton(flash) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button";
  button.setAttribute("aria-label", flash.dataset.dismissLabel);
  button.textContent = "×";
  button.addEventListener("click", () => {
    flash.remove();
    document.getElementById("content")?.focus({ preventScroll: true });
  });
  flash.append(button);
}
