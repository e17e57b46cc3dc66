// A form that sends itself when a choice changes. [data-autosubmit-hide] marks the button it makes needless.
// A GET form may name the parts that change, data-autosubmit-target="results chips": they are renewed in place.

import { refresh } from "./fragment.js";

export function connect(form) {
  for (const button of form.querySelectorAll("[data-autosubmit-hide]")) button.hidden = true;
  const ids = (form.dataset.autosubmitTarget ?? "").split(/\s+/).filter(Boolean);
  let underway;

  async function show(url) {
    underway?.abort();
    underway = new AbortController();
    const parts = ids.map((id) => document.getElementById(id)).filter(Boolean);
    for (const part of parts) part.setAttribute("aria-busy", "true");
    try {
      if (!(await refresh(url, ids, underway.signal))) location.assign(url);
      else history.replaceState(null, "", url);
    } catch (problem) {
      if (problem.name !== "AbortError") location.assign(url);
    }
  }

  form.addEventListener("change", (event) => {
    if (!event.target.checkValidity()) return;
    if (ids.length === 0) {
      form.requestSubmit();
      return;
    }
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    show(`${form.action.split("?")[0]}?${new URLSearchParams(filled)}`);
  });
}
