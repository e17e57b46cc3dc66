// Every page works without this file. An element names the module that makes it better: data-controller="live".
// A module exports connect(element).

const known = new Set([
  "advice", "amount", "autosave", "autosubmit", "card", "char-count", "dialog", "dismiss", "gallery", "hearts", "live", "pictures", "poll", "proceeds", "share", "stepper", "submit-once", "suggest",
  "theme",
]);
const started = new WeakSet();

function start(root) {
  const elements = [...root.querySelectorAll("[data-controller]")];
  if (root.matches?.("[data-controller]")) elements.unshift(root);
  for (const element of elements) {
    if (started.has(element)) continue;
    started.add(element);
    for (const name of element.dataset.controller.split(/\s+/)) {
      if (known.has(name)) import(`./${name}.js`).then((module) => module.connect(element));
    }
  }
}

document.addEventListener("souk:replaced", (event) => start(event.target));
start(document.documentElement);
