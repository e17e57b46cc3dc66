// Says beside an amount's field, while somebody types, what will be booked: the server reads the same.

import { money, read } from "./read-amount.js";

export function connect(field) {
  const input = field.querySelector("input");
  const words = field.querySelector("[data-amount-words]");
  const currency = field.dataset.amount;
  const places = Number(field.dataset.amountPlaces);
  const format = money(currency, places);

  function written(minor) {
    return format.format(Number(minor) / 10 ** places);
  }

  function show() {
    const { minor, readings } = read(input.value, currency, places);
    if (readings) {
      const [small, large] = readings.map(written);
      words.textContent = words.dataset.amountWords.replace("{small}", small).replace("{large}", large);
    } else {
      words.textContent = minor ? `= ${written(minor)}` : "";
    }
  }

  input.addEventListener("input", show);
  show();
}
