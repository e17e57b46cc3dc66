// A form that saves itself while it is written: what is typed goes to /sell/draft a moment after the last key.
// [data-autosave-note] says when it was done (data-autosave-saved on the form). Files are sent with the form itself.

const AFTER_MS = 1500;

export function connect(form) {
  const note = form.querySelector("[data-autosave-note]");
  let waiting, sent = false;

  async function save() {
    const fields = new FormData();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    try {
      const response = await fetch("/sell/draft", { method: "POST", body: fields, credentials: "same-origin" });
      if (note && response.ok) note.textContent = form.dataset.autosaveSaved;
    } catch {
      if (note) note.textContent = "";
    }
  }

  form.addEventListener("input", () => {
    if (note) note.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => sent || save(), AFTER_MS);
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(waiting);
  });
}
