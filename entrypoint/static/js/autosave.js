// A form that keeps itself while it is written: what is typed goes to /sell/draft a moment after the last key, and at once
// when the page is left. [data-autosave-note] says what became of it (data-autosave-saved and -failed on the form).
// Of a listing that is there this changes nothing: what is kept waits beside it until the form is sent.

const AFTER_MS = 1500;

export function connect(form) {
  const note = form.querySelector("[data-autosave-note]");
  let waiting = 0;
  let underway;
  let sent = false;

  async function save(leaving = false) {
    const fields = new FormData();
    clearTimeout(waiting);
    waiting = 0;
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    underway?.abort();
    underway = new AbortController();
    const { signal } = underway;
    try {
      const how = { method: "POST", body: fields, credentials: "same-origin", keepalive: leaving, signal };
      const response = await fetch("/sell/draft", how);
      note.textContent = response.ok ? form.dataset.autosaveSaved : form.dataset.autosaveFailed;
    } catch {
      if (!signal.aborted) note.textContent = form.dataset.autosaveFailed;
    }
  }

  form.addEventListener("input", () => {
    note.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => save(), AFTER_MS);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    sent = true;
    clearTimeout(waiting);
    underway?.abort();
  });
  addEventListener("pagehide", () => {
    if (waiting && !sent) save(true);
  });
  addEventListener("pageshow", () => {
    sent = false;
  });
}
