// The gallery by keyboard, and the picture at its full size in a dialog; without scripts it scrolls, and links lead to each picture.

export function connect(gallery) {
  const stage = gallery.querySelector(".gallery__stage");
  const places = [...stage.querySelectorAll("li[data-large]")];
  if (places.length === 0) return;
  const dialog = document.createElement("dialog");
  const image = document.createElement("img");
  const bar = document.createElement("p");
  let current = 0;

  dialog.className = "zoom";
  dialog.setAttribute("aria-label", stage.getAttribute("aria-label"));
  bar.className = "zoom__bar";
  const tools = [
    [gallery.dataset.galleryEarlier, "‹", () => turn(-1)],
    [gallery.dataset.galleryLater, "›", () => turn(1)],
    [gallery.dataset.galleryClose, "×", () => dialog.close()],
  ];
  for (const [label, sign, act] of places.length > 1 ? tools : tools.slice(2)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon-button";
    button.setAttribute("aria-label", label);
    button.textContent = sign;
    button.addEventListener("click", act);
    bar.append(button);
  }
  dialog.append(image, bar);
  gallery.append(dialog);

  function show(place) {
    current = (place + places.length) % places.length;
    const { large, largeAvif } = places[current].dataset;
    const avif = places[0].querySelector("img").currentSrc.endsWith(".avif"); // what this browser chose
    image.src = avif && largeAvif ? largeAvif : large;
    image.alt = places[current].querySelector("img").alt;
    image.classList.remove("zoom__near");
  }

  function turn(steps) {
    show(current + steps);
  }

  function step(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return 0;
    event.preventDefault();
    return event.key === "ArrowRight" ? 1 : -1;
  }

  function open() {
    show(Math.round(stage.scrollLeft / Math.max(stage.clientWidth, 1)));
    dialog.showModal();
  }

  stage.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open();
      return;
    }
    const steps = step(event);
    if (steps) stage.scrollBy({ left: steps * stage.clientWidth });
  });
  stage.addEventListener("click", open);
  dialog.addEventListener("keydown", (event) => {
    const steps = step(event);
    if (steps) turn(steps);
  });
  image.addEventListener("click", () => image.classList.toggle("zoom__near"));
}
