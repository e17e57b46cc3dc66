// A page whose parts change by themselves for a while: they are fetched anew every other second until the element that
// carries the controller is renewed without it. data-poll-target: the ids of the parts.

import { refresh } from "./fragment.js";

const EVERY_MS = 1500;

export function connect(element) {
  const ids = element.dataset.pollTarget.split(/\s+/);

  async function look() {
    if (!element.isConnected) return;
    if (!document.hidden) await refresh(location.href, ids).catch(() => false);
    if (element.isConnected) setTimeout(look, EVERY_MS);
  }

  setTimeout(look, EVERY_MS);
}
