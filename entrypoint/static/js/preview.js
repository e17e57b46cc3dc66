// Pictures seen before they are sent: in order, the first is the cover, each can move or go.
// The words come from data-preview-first, -earlier, -later, -remove; data-preview-most is the most that may be sent.
// With data-preview-describe each has a field for what it shows, named "alt".

export function connect(field) {
  const input = field.querySelector("input[type=file]");
  const list = field.querySelector("[data-preview-list]");
  const words = field.dataset;
  const urls = new Map();
  const described = new Map();
  let files = [];

  function urlOf(file) {
    if (!urls.has(file)) urls.set(file, URL.createObjectURL(file));
    return urls.get(file);
  }

  function send() {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
  }

  function change(next) {
    for (const file of files) {
      if (next.includes(file)) continue;
      URL.revokeObjectURL(urls.get(file));
      urls.delete(file);
    }
    files = next;
    send();
    show();
  }

  function tool(sign, label, file, act, disabled) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon-button";
    button.textContent = sign;
    button.disabled = disabled;
    button.setAttribute("aria-label", `${label}: ${file.name}`);
    button.addEventListener("click", act);
    return button;
  }

  function move(from, to) {
    const next = [...files];
    next.splice(to, 0, ...next.splice(from, 1));
    change(next);
    const tools = list.children[to].querySelectorAll("button");
    (tools[to < from ? 0 : 1].disabled ? tools[2] : tools[to < from ? 0 : 1]).focus();
  }

  function remove(file) {
    change(files.filter((other) => other !== file));
    input.focus();
  }

  function item(file, index) {
    const entry = document.createElement("li");
    const picture = document.createElement("span");
    const image = document.createElement("img");
    const tools = document.createElement("div");
    entry.className = "preview";
    picture.className = "picture";
    image.src = urlOf(file);
    image.alt = file.name;
    picture.append(image);
    if (index === 0) {
      const note = document.createElement("span");
      note.className = "pill picture__note";
      note.textContent = words.previewFirst;
      picture.append(note);
    }
    tools.className = "preview__tools";
    tools.append(
      tool("←", words.previewEarlier, file, () => move(index, index - 1), index === 0),
      tool("→", words.previewLater, file, () => move(index, index + 1), index === files.length - 1),
      tool("×", words.previewRemove, file, () => remove(file), false),
    );
    entry.append(picture, tools);
    if (words.previewDescribe) entry.append(description(file));
    return entry;
  }

  function description(file) {
    const label = document.createElement("label");
    const text = document.createElement("input");
    label.className = "preview__text";
    label.textContent = words.previewDescribe;
    text.className = "input";
    text.name = "alt";
    text.maxLength = 300;
    text.value = described.get(file) ?? "";
    text.addEventListener("input", () => described.set(file, text.value));
    label.append(text);
    return label;
  }

  function show() {
    list.hidden = files.length === 0;
    list.replaceChildren(...files.map(item));
  }

  // Choosing again adds to what is there; the browser alone would replace it.
  input.addEventListener("change", () => {
    const all = [...files, ...input.files].slice(0, Number(words.previewMost));
    change(all);
  });
}
