// What a seller gets for the price being typed. data-proceeds-field: the price's control; -basis-points: the fee; -currency; -places: its decimals.
// The same rounding as the ledger: the fee half up, the rest to the seller.

import { money, read } from "./read-amount.js";

export function connect(box) {
  const field = document.getElementById(box.dataset.proceedsField);
  const sum = box.querySelector("[data-proceeds-sum]");
  const template = box.querySelector("[data-proceeds-template]");
  const places = Number(box.dataset.proceedsPlaces);
  const format = money(box.dataset.proceedsCurrency, places);
  const basisPoints = BigInt(box.dataset.proceedsBasisPoints);

  function written(amount) {
    return format.format(Number(amount) / 10 ** places);
  }

  function show() {
    const price = read(field.value, box.dataset.proceedsCurrency, places).minor;
    if (!price) {
      sum.replaceChildren();
      return;
    }
    const fee = (price * basisPoints + 5000n) / 10000n;
    if (!sum.firstElementChild) sum.append(template.content.cloneNode(true));
    const [first, second, third] = sum.querySelectorAll("dd");
    first.textContent = written(price);
    second.textContent = written(-fee);
    third.textContent = written(price - fee);
  }

  field.addEventListener("input", show);
}
