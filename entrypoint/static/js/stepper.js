// Minus and plus around a number. They change it as typing would, so a form that sends itself still does.

export function connect(stepper) {
  const input = stepper.querySelector("input");
  const less = button("−", stepper.dataset.stepperLess, () => input.stepDown());
  const more = button("+", stepper.dataset.stepperMore, () => input.stepUp());

  function button(sign, label, change) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "icon-button";
    element.textContent = sign;
    element.setAttribute("aria-label", label);
    element.addEventListener("click", () => {
      const before = input.value;
      change();
      if (input.value === before) return;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return element;
  }

  input.before(less);
  input.after(more);
}
