// The card of the listing being written, as browsers will see it: the server renders it anew while somebody types.
// On phones it is folded away at first.

const AFTER_MS = 250;

export function connect(details) {
  const form = details.closest("form");
  const place = details.querySelector("[data-card]");
  let shown = "";
  let waiting, underway;

  function asked() {
    const first = form.querySelector("[data-picture]");
    return new URLSearchParams({
      title: form.elements.title.value,
      price: form.elements.price.value,
      condition: form.elements.condition.value,
      way: form.elements.way.value,
      profile: form.elements.profile.value,
      pick_up: form.elements.pick_up.value,
      picture: first?.dataset.picture ?? "",
      turn: first?.querySelector("[name^=turn-]").value ?? "",
    }).toString();
  }

  async function show() {
    const wanted = asked();
    if (wanted === shown) return;
    underway?.abort();
    underway = new AbortController();
    try {
      const response = await fetch(`/sell/card?${wanted}`, { signal: underway.signal });
      if (!response.ok) return;
      place.innerHTML = await response.text();
      shown = wanted;
    } catch {
      // Typed on, or offline: the next key tries again.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, AFTER_MS);
  });
  details.open = matchMedia("(width >= 60rem)").matches;
  show();
}
