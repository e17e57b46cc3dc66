// The address of a page, to give on: by the device's own sharing, or copied. Without scripts it stands in a field.

export function connect(box) {
  const field = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = box.dataset.shareLabel;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ title: document.title, url: field.value });
      else {
        await navigator.clipboard.writeText(field.value);
        button.textContent = box.dataset.shareDone;
      }
    } catch {
      field.select(); // refused, or called off: the address can still be copied by hand
    }
  });
  box.append(button);
}
