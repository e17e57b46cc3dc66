// The search box completes what is typed: the combobox pattern of WAI-ARIA. Without scripts it is a plain search.

const WAIT_MS = 120;
let boxes = 0;

export function connect(form) {
  const input = form.elements.q;
  const list = document.createElement("ul");
  const id = `suggestions-${++boxes}`;
  let shown = [];
  let active = -1;
  let timer;
  let underway;

  list.id = id;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestLabel);
  list.hidden = true;
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(suggestion) {
    close();
    if (suggestion.kind === "category") location.assign(`/browse?category=${encodeURIComponent(suggestion.value)}`);
    else if (suggestion.kind === "seller") location.assign(`/sellers/${encodeURIComponent(suggestion.value)}`);
    else {
      input.value = suggestion.text;
      form.requestSubmit();
    }
  }

  function mark(next) {
    active = next;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function item(suggestion, place) {
    const entry = document.createElement("li");
    const text = document.createElement("span");
    entry.id = `${id}-${place}`;
    entry.setAttribute("role", "option");
    entry.setAttribute("aria-selected", "false");
    text.textContent = suggestion.text;
    entry.append(text);
    if (suggestion.kind !== "words") {
      const kind = document.createElement("small");
      kind.textContent = suggestion.kind === "category" ? form.dataset.suggestCategory : form.dataset.suggestSeller;
      entry.append(kind);
    }
    entry.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the box keeps the focus
      choose(suggestion);
    });
    return entry;
  }

  async function ask() {
    underway?.abort();
    const typed = input.value;
    if (!typed.trim()) return close();
    underway = new AbortController();
    try {
      const response = await fetch(`/api/v1/suggestions?q=${encodeURIComponent(typed.slice(0, 200))}`, { signal: underway.signal });
      if (!response.ok) return close();
      shown = await response.json();
    } catch {
      return undefined; // typed on, or offline: the plain search is still there
    }
    list.replaceChildren(...shown.map(item));
    list.hidden = shown.length === 0 || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const steps = event.key === "ArrowDown" ? 1 : -1;
      const places = shown.length + 1; // the box itself is one of them
      mark(((active + 1 + steps + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(shown[active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
}
