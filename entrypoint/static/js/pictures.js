// Pictures of a listing that is being written. They are uploaded as soon as they are chosen or dropped, one after the other,
// and each becomes what the server says of it; put in order by buttons or by dragging, turned, taken away. What is to be
// saved stands in the form's own fields all the time. The words come from data-pictures-…

const KINDS = /^image\/(?!svg)|^$/; // some systems have no name for HEIC: the server looks into the file

export function connect(part) {
  const form = part.closest("form");
  const list = part.querySelector("[data-pictures-list]");
  const input = part.querySelector("input[type=file]");
  const more = part.querySelector("[data-pictures-more]");
  const note = part.querySelector("[data-pictures-note]");
  const upload = part.querySelector("[data-pictures-upload]");
  const words = part.dataset;
  const files = new Map(); // what is on its way or did not arrive, by its place in the list
  const urls = new Map();
  let underway = null;
  let pressed = null; // the button that waits for uploads
  let dragged = null;

  function entries() {
    return [...list.children];
  }

  function say(text, label, act) {
    note.textContent = text;
    if (!label) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet";
    button.textContent = label;
    button.addEventListener("click", act);
    note.append(" ", button);
  }

  // What is for those without scripts goes; the choice of how a picture is turned stays, for it is what is sent.
  function enhance(entry) {
    const choices = entry.querySelector("[data-without-scripts]");
    choices.hidden = true;
    choices.querySelector("[name^=place-]")?.remove();
    entry.querySelector("[data-tools]").hidden = false;
    entry.querySelector("img").draggable = false;
    entry.querySelector(".shown-picture__frame").draggable = true;
  }

  function arrange() {
    const all = entries();
    all.forEach((entry, place) => {
      for (const number of entry.querySelectorAll("[data-number]")) number.textContent = place + 1;
      for (const [act, end] of [["earlier", 0], ["later", all.length - 1]]) {
        const button = entry.querySelector(`[data-do=${act}]`);
        if (button) button.disabled = place === end;
      }
    });
    more.hidden = all.length >= Number(words.picturesMost);
  }

  function changed() {
    arrange();
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function add(chosen) {
    note.textContent = "";
    for (const file of chosen) {
      if (entries().length >= Number(words.picturesMost)) {
        say(words.picturesBeyond);
        break;
      }
      const entry = upload.content.firstElementChild.cloneNode(true);
      const image = entry.querySelector("img");
      image.addEventListener("error", () => image.remove()); // none that this browser can show
      image.src = URL.createObjectURL(file);
      urls.set(entry, image.src);
      entry.querySelector(".shown-picture__name").textContent = file.name;
      entry.querySelector("progress").setAttribute("aria-label", file.name);
      list.append(entry);
      files.set(entry, file);
      if (!KINDS.test(file.type)) fail(entry, words.picturesKind);
      else if (file.size > Number(words.picturesBytes)) fail(entry, words.picturesLarge);
      else entry.dataset.waiting = "";
    }
    arrange();
    next();
  }

  function fail(entry, text, again = false) {
    const error = entry.querySelector(".error");
    error.hidden = false;
    error.querySelector("span").textContent = text;
    entry.querySelector("progress").hidden = true;
    entry.querySelector("[data-do=again]").hidden = !again;
    say(`${files.get(entry).name}: ${text}`);
  }

  function next() {
    if (underway) return;
    const entry = list.querySelector("[data-waiting]");
    if (entry) send(entry);
    else if (pressed) submit();
  }

  function send(entry) {
    const request = new XMLHttpRequest(); // fetch tells nothing of what was sent so far
    const bar = entry.querySelector("progress");
    const body = new FormData();
    delete entry.dataset.waiting;
    underway = { entry, request };
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("pictures", files.get(entry));
    request.open("POST", "/sell/pictures");
    request.setRequestHeader("Accept", "application/problem+json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.upload.addEventListener("load", () => bar.removeAttribute("value")); // it is being made smaller
    request.addEventListener("loadend", () => {
      underway = null;
      if (entry.isConnected) {
        if (request.status >= 200 && request.status < 300) arrived(entry, request.responseText);
        else fail(entry, refusal(request), true);
      }
      next();
    });
    request.send(body);
  }

  function refusal(request) {
    try {
      const problem = JSON.parse(request.responseText);
      return problem.errors?.[0]?.message ?? problem.detail ?? problem.title;
    } catch {
      return words.picturesFailed;
    }
  }

  function arrived(entry, html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const picture = made.content.querySelector("li");
    const name = files.get(entry).name;
    const same = list.querySelector(`[data-picture="${CSS.escape(picture.dataset.picture)}"]`);
    forget(entry);
    if (same) entry.remove(); // chosen twice, shown once
    else {
      enhance(picture);
      entry.replaceWith(picture);
    }
    if (note.textContent !== words.picturesBeyond) say(words.picturesDone.replace("{name}", name)); // that one has to be read
    changed();
  }

  function forget(entry) {
    URL.revokeObjectURL(urls.get(entry));
    urls.delete(entry);
    files.delete(entry);
  }

  function submit() {
    const button = pressed;
    pressed = null;
    if (files.size > 0) say(words.picturesStopped);
    else form.requestSubmit(button);
  }

  function move(entry, steps, button) {
    const from = entries().indexOf(entry);
    const other = entries()[from + steps];
    if (steps < 0) other.before(entry);
    else other.after(entry);
    moved(from, from + steps);
    if (button.disabled) entry.querySelector(`[data-do=${steps < 0 ? "later" : "earlier"}]`).focus();
    else button.focus();
  }

  function moved(from, to) {
    say(words.picturesMoved.replace("{from}", from + 1).replace("{to}", to + 1));
    changed();
  }

  function turn(entry, degrees) {
    const choice = entry.querySelector("[name^=turn-]");
    choice.value = ((Number(choice.value) + degrees + 360) % 360) || "";
    if (choice.value) entry.querySelector(".picture").dataset.turn = choice.value;
    else delete entry.querySelector(".picture").dataset.turn;
    changed();
  }

  // A kept picture is simply not in the form any more; for one of the listing the form says that it goes.
  function takeAway(entry) {
    const going = document.createElement("input");
    going.type = "hidden";
    going.name = entry.querySelector("[name^=remove-]").name;
    going.value = "yes";
    if (!entry.querySelector("[name=kept]")) form.append(going);
    entry.remove();
    return going;
  }

  function remove(entry) {
    const place = entries().indexOf(entry);
    const going = takeAway(entry);
    changed();
    say(words.picturesRemoved.replace("{from}", place + 1), words.picturesUndo, () => {
      going.remove();
      if (entries()[place]) entries()[place].before(entry);
      else list.append(entry);
      note.textContent = "";
      changed();
      entry.querySelector("[data-do=remove]").focus();
    });
    note.querySelector("button").focus();
  }

  function leaveOut(entry) {
    entry.remove();
    forget(entry);
    if (underway?.entry === entry) underway.request.abort();
    note.textContent = "";
    arrange();
    input.focus();
    next();
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    const entry = event.target.closest("li");
    if (!button) return;
    const acts = {
      earlier: () => move(entry, -1, button),
      later: () => move(entry, 1, button),
      left: () => turn(entry, -90),
      right: () => turn(entry, 90),
      remove: () => remove(entry),
      leave: () => leaveOut(entry),
      again: () => {
        entry.querySelector(".error").hidden = true;
        button.hidden = true;
        entry.querySelector("progress").hidden = false;
        entry.querySelector("progress").value = 0;
        entry.dataset.waiting = "";
        next();
      },
    };
    acts[button.dataset.do]();
  });

  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = ""; // they go on their own, not with the form
    add(chosen);
  });

  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    part.dataset.dropping = "";
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) delete part.dataset.dropping;
  });
  form.addEventListener("drop", (event) => {
    delete part.dataset.dropping;
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });

  list.addEventListener("dragstart", (event) => {
    const entry = event.target.closest(".shown-picture__frame")?.closest("li");
    if (!entry) return;
    dragged = { entry, from: entries().indexOf(entry) };
    entry.dataset.dragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest("li");
    if (!over || over === dragged.entry) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged.entry);
    else over.after(dragged.entry);
  });
  list.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    const { entry, from } = dragged;
    const to = entries().indexOf(entry);
    dragged = null;
    delete entry.dataset.dragged;
    if (to !== from) moved(from, to);
  });

  // Before anything else hears of it: a form whose pictures are not all there is not sent.
  form.addEventListener(
    "submit",
    (event) => {
      if (files.size === 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const busy = underway || list.querySelector("[data-waiting]");
      pressed = busy ? event.submitter : null;
      say(busy ? words.picturesWaiting : words.picturesStopped);
    },
    { capture: true },
  );

  part.dataset.live = "";
  part.querySelector("[data-pictures-drop]").hidden = false;
  for (const entry of entries()) {
    if (entry.querySelector("[name^=remove-]").checked) takeAway(entry);
    else enhance(entry);
  }
  arrange();
}
