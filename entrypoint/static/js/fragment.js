// Fetch a page and put its parts in place of ours: one rendering, on the server.

const WRITABLE = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select";

/** Replace each element of `ids` by the one with the same id in the page at `url`. Says whether all were there. */
export async function refresh(url, ids, signal) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", signal });
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  keepToken(page);
  let complete = true;
  for (const id of ids) {
    const ours = document.getElementById(id);
    const theirs = page.getElementById(id);
    if (!ours || !theirs) {
      complete = false;
    } else if (!ours.isEqualNode(theirs)) {
      replace(ours, document.adoptNode(theirs));
    }
  }
  return complete;
}

// Each page masks the same token differently; with ours in it, what has not changed is seen not to have.
function keepToken(page) {
  const token = document.querySelector("input[name=csrf_token]")?.value;
  if (!token) return;
  for (const field of page.querySelectorAll("input[name=csrf_token]")) field.setAttribute("value", token);
}

function replace(ours, theirs) {
  const active = document.activeElement;
  const inside = ours.contains(active) && active !== ours;
  if (inside && active.matches(WRITABLE)) {
    // Never take a field away from under someone's hands.
    active.addEventListener("blur", () => replace(ours, theirs), { once: true });
    return;
  }
  const focused = inside ? active.id : "";
  ours.replaceWith(theirs);
  theirs.dispatchEvent(new CustomEvent("souk:replaced", { bubbles: true }));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
