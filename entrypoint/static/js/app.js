// Every page works without this file. An element names the module that makes it better: data-controller="live".
// A module exports connect(element).

// Each by its whole name: files are served under names with the hash of their content, which are written in here.
const modules = {
  advice: () => import("./advice.js"),
  amount: () => import("./amount.js"),
  autosave: () => import("./autosave.js"),
  autosubmit: () => import("./autosubmit.js"),
  card: () => import("./card.js"),
  "char-count": () => import("./char-count.js"),
  dialog: () => import("./dialog.js"),
  dismiss: () => import("./dismiss.js"),
  gallery: () => import("./gallery.js"),
  hearts: () => import("./hearts.js"),
  live: () => import("./live.js"),
  pictures: () => import("./pictures.js"),
  poll: () => import("./poll.js"),
  proceeds: () => import("./proceeds.js"),
  share: () => import("./share.js"),
  stepper: () => import("./stepper.js"),
  "submit-once": () => import("./submit-once.js"),
  suggest: () => import("./suggest.js"),
  theme: () => import("./theme.js"),
};
const started = new WeakSet();

function start(root) {
  const elements = [...root.querySelectorAll("[data-controller]")];
  if (root.matches?.("[data-controller]")) elements.unshift(root);
  for (const element of elements) {
    if (started.has(element)) continue;
    started.add(element);
    for (const name of element.dataset.controller.split(/\s+/)) {
      if (Object.hasOwn(modules, name)) modules[name]().then((module) => module.connect(element));
    }
  }
}

document.addEventListener("souk:replaced", (event) => start(event.target));
start(document.documentElement);

// A visitor's page that comes back whole may be from before they logged in, and then its forms are good no more.
addEventListener("pageshow", (event) => {
  if (event.persisted && !document.getElementById("bell")) location.reload();
});
