// Change the theme at once and tell the server behind the scenes.

export function connect(form) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    const root = document.documentElement;
    if (chosen === "system") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    for (const button of form.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    const body = new URLSearchParams([...new FormData(form), ["theme", chosen]]);
    fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" }).catch(() => {});
  });
}
