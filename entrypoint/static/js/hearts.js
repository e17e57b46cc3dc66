// The hearts on cards. One form is theirs all, and says where each press goes; here it goes without leaving the page. The
// same listing may stand in several grids. What the shop refuses is sent once more as without scripts: the next page says why.

export function connect(form) {
  const hearts = `button[form="${form.id}"]`;
  const underway = new Set();

  function show(address, watched) {
    for (const each of document.querySelectorAll(hearts)) {
      if (new URL(each.formAction).pathname !== address) continue;
      each.setAttribute("aria-pressed", watched);
      each.value = watched ? "stop" : "watch";
    }
  }

  document.addEventListener("click", async (event) => {
    const heart = event.target.closest?.(hearts);
    if (!heart) return;
    event.preventDefault();
    const address = new URL(heart.formAction).pathname;
    if (underway.has(address)) return;
    underway.add(address);
    const fields = new FormData(form);
    const watched = heart.value === "watch";
    fields.append(heart.name, heart.value);
    show(address, watched);
    try {
      const how = { method: "POST", body: fields, headers: { Accept: "application/json" }, credentials: "same-origin" };
      const response = await fetch(address, how);
      if (response.ok) return;
    } catch {
      // Offline: the browser's own page says so.
    } finally {
      underway.delete(address);
    }
    show(address, !watched);
    form.requestSubmit(heart);
  });
}
