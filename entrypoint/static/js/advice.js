// Advice beside the fields of the selling form: a category for the title, what similar things were sold for, and the
// fields that the chosen category asks for. Without it the same stands there after the draft was saved.

const AFTER_MS = 600;

export function connect(form) {
  const { title, category, language } = form.elements;
  const proposal = form.querySelector("#category-advice");
  const button = proposal.querySelector("button");
  const price = form.querySelector("#price-advice");
  let waiting, underway;
  for (const part of form.querySelectorAll("[data-advice-hide]")) part.hidden = true; // what does the same without scripts

  async function advise() {
    underway?.abort();
    underway = new AbortController();
    const asked = new URLSearchParams({ title: title.value, category: category.value, language: language.value });
    try {
      const response = await fetch(`/sell/advice?${asked}`, { signal: underway.signal });
      if (!response.ok) return;
      const told = await response.json();
      button.dataset.adviceCategory = told.category;
      button.textContent = told.category_words;
      proposal.hidden = !told.category;
      price.textContent = told.price_words;
      price.hidden = !told.price_words;
    } catch {
      // Advice is only advice.
    }
  }

  async function ask() {
    const response = await fetch(`/sell/attributes?${new URLSearchParams({ category: category.value })}`);
    if (response.ok) form.querySelector("#attributes").innerHTML = await response.text();
  }

  title.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(advise, AFTER_MS);
  });
  category.addEventListener("change", () => {
    advise();
    ask();
  });
  button.addEventListener("click", () => {
    category.value = button.dataset.adviceCategory;
    category.dispatchEvent(new Event("change", { bubbles: true }));
    category.focus();
  });
}
