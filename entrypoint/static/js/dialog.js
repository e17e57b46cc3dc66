// Filters on phones. Without scripts the sheet opens as a :target; here the same element moves into a modal <dialog>,
// which keeps the focus inside and closes on Escape. The opener carries the controller:
// <a href="#filters" data-controller="dialog" data-dialog-done="Show 31 listings">. It may be renewed while the sheet is open.

const dialogs = new WeakMap();

export function connect(opener) {
  const sheet = document.querySelector(opener.hash);
  if (!sheet) return;
  if (!dialogs.has(sheet)) dialogs.set(sheet, build(sheet, opener.hash, opener.textContent.trim()));
  const { dialog, body, done, place } = dialogs.get(sheet);
  done.textContent = opener.dataset.dialogDone;

  opener.addEventListener("click", (event) => {
    event.preventDefault();
    sheet.before(place);
    body.append(sheet);
    dialog.showModal();
  });
}

function build(sheet, hash, name) {
  const place = document.createComment("");
  const dialog = document.createElement("dialog");
  const body = document.createElement("div");
  const foot = document.createElement("form");
  const done = document.createElement("button");

  dialog.className = "sheet-dialog";
  dialog.setAttribute("aria-label", name);
  body.className = "sheet-dialog__body";
  foot.className = "sheet-dialog__foot";
  foot.method = "dialog";
  done.className = "button button--primary button--block";
  foot.append(done);
  dialog.append(body, foot);
  document.body.append(dialog);

  sheet.querySelector("[data-dialog-close]")?.addEventListener("click", (event) => {
    if (!dialog.open) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    place.replaceWith(sheet);
    document.querySelector(`a[href="${hash}"]`)?.focus();
  });
  // A phone turned on its side may be wide enough for the column.
  matchMedia("(width >= 60rem)").addEventListener("change", () => dialog.close());
  return { dialog, body, done, place };
}
