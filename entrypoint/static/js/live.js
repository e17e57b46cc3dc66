// Server-sent events. data-live-url: the stream; data-live-event: which events count (default "message");
// data-live-target: ids of the parts to renew, separated by spaces; without it the page reloads.
// data-live-visible: renewing tells the shop that they were seen, so a page that nobody looks at waits with it.

import { refresh } from "./fragment.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

export function connect(element) {
  const { liveUrl, liveEvent = "message", liveTarget = "" } = element.dataset;
  const ids = liveTarget.split(/\s+/).filter(Boolean);
  let wait = FIRST_WAIT_MS;
  let openedAt = Infinity;
  let missed = false;
  let running = null;
  let again = false;
  let unseen = false;
  let source;

  async function renew() {
    if (document.hidden && "liveVisible" in element.dataset) {
      unseen = true;
      return undefined;
    }
    if (ids.length === 0) return location.reload();
    if (running) {
      again = true;
      return undefined;
    }
    do {
      again = false;
      running = refresh(location.href, ids).catch(() => false);
      await running;
    } while (again);
    running = null;
    if (!element.isConnected) source.close();
    return undefined;
  }

  function open() {
    source?.close();
    if (!element.isConnected) return;
    source = new EventSource(liveUrl);
    source.addEventListener("open", () => {
      openedAt = Date.now();
      if (missed) renew();
      missed = false;
    });
    for (const name of liveEvent.split(/\s+/)) source.addEventListener(name, renew);
    source.addEventListener("error", () => {
      source.close();
      missed = true;
      // Only a connection that lasted proves the server well again.
      if (Date.now() - openedAt > LONGEST_WAIT_MS) wait = FIRST_WAIT_MS;
      openedAt = Infinity;
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  }

  open();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !unseen) return;
    unseen = false;
    renew();
  });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    missed = true;
    open();
  });
}
