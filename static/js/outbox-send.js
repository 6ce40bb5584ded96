// Hands the logs of the outbox to the server, one at a time, until its answer says that each has arrived.
//
// An entry carries its submission key: however often it is sent, it is one log. What the server did not answer, or
// answered with anything but our JSON, is tried again later, each time after a longer pause.
(function () {
  "use strict";

  const own = window.ownStore;
  const meta = document.querySelector("meta[name=yiwang-own-store]");
  if (!own || !own.isUsable) { return; }
  const ADDRESS = meta.dataset.outbox + "send/";
  const TIMEOUT = 60000;
  const SLOWEST = 8;  // bytes a millisecond on a line that still counts as one
  const PAUSES = [5000, 15000, 60000, 300000];
  const events = new EventTarget();
  let timer = 0;
  let isSending = false;
  // Why sending stopped: signed_out, other_user, or nothing.
  let halted = "";

  function cookie(name) {
    const found = document.cookie.split("; ").find(function (part) { return part.startsWith(name + "="); });
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  async function post(entry) {
    const body = new FormData();
    entry.fields.forEach(function (field) { body.append(field[0], field[1]); });
    body.append("key", entry.id);
    body.append("owner", own.owner);
    body.append("made_at", String(entry.madeAt));
    if (entry.knownAt) { body.append("known_at", String(entry.knownAt)); }
    if (entry.clockConfirmed) { body.append("clock_confirmed", "on"); }
    body.append("sent_at", String(Date.now()));
    let bytes = 0;
    for (const photo of await own.photosOf(entry.id)) {
      body.append("photos", photo, photo.name);
      bytes += photo.size;
    }
    const stop = new AbortController();
    const late = setTimeout(function () { stop.abort(); }, TIMEOUT + bytes / SLOWEST);
    try {
      const response = await fetch(ADDRESS, {
        method: "POST",
        body: body,
        credentials: "same-origin",
        redirect: "manual",
        signal: stop.signal,
        headers: { "Accept": "application/json", "X-CSRFToken": cookie("csrftoken") },
      });
      const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
      if (isJson) { return await response.json(); }
      if (response.status === 413) { return { state: "refused", errors: [], reason: "too_large" }; }
      return { state: response.type === "opaqueredirect" || response.status === 401 ? "signed_out" : "retry", errors: [] };
    } catch (error) {
      return { state: "no_answer", errors: [] };
    } finally {
      clearTimeout(late);
    }
  }

  // Send one entry and keep what the server said of it; returns whether the next may be tried at once.
  async function deliver(entry) {
    await own.putEntry(Object.assign(entry, { state: "sending" }));
    const told = await post(entry);
    if (told.now) { events.dispatchEvent(new CustomEvent("clock", { detail: told.now - Date.now() })); }
    entry.errors = told.errors || [];
    entry.reason = told.reason || "";
    halted = "";
    switch (told.state) {
      case "saved":
      case "same":
        Object.assign(entry, { state: "delivered", number: told.number, url: told.url, deliveredAt: Date.now() });
        await own.putPhotos(entry.id, []);
        break;
      case "refused":
        entry.state = "refused";
        break;
      case "ask":
        Object.assign(entry, { state: "ask", proposal: told.proposal || null, number: told.number, url: told.url });
        break;
      case "signed_out":
      case "other_user":
        entry.state = "waiting";
        halted = told.state;
        break;
      default:
        entry.state = "waiting";
        entry.tries = (entry.tries || 0) + 1;
        entry.nextTry = Date.now() + PAUSES[Math.min(entry.tries, PAUSES.length) - 1];
    }
    await own.putEntry(entry);
    return !halted && told.state !== "no_answer";
  }

  // A pause that seems longer than any is one of a clock that was put back meanwhile.
  function isDue(entry) {
    const left = (entry.nextTry || 0) - Date.now();
    return left <= 0 || left > PAUSES[PAUSES.length - 1];
  }

  async function deliverAll() {
    // Whatever is «sending» here was left by a page that closed: nobody else sends while this one holds the lock.
    const waits = function (entry) { return entry.state === "waiting" || entry.state === "sending"; };
    const seen = new Set();
    for (;;) {
      const entry = (await own.entries()).find(function (each) {
        return waits(each) && !seen.has(each.id) && isDue(each);
      });
      if (!entry || !navigator.onLine) { break; }
      seen.add(entry.id);
      if (!(await deliver(entry))) { break; }
    }
    const left = (await own.entries()).filter(waits);
    clearTimeout(timer);
    if (left.length && !halted) {
      const next = Math.min.apply(null, left.map(function (entry) { return entry.nextTry || 0; }));
      timer = setTimeout(send, Math.max(1000, next - Date.now()));
    }
  }

  async function send() {
    if (isSending || !navigator.onLine) { return; }
    isSending = true;
    try {
      if (navigator.locks) {
        await navigator.locks.request("yiwang-outbox", { ifAvailable: true }, function (lock) { return lock ? deliverAll() : null; });
      } else {
        await deliverAll();
      }
    } finally {
      isSending = false;
      events.dispatchEvent(new Event("rest"));
    }
  }
  // The person asks, or the network is back: pauses are over.
  async function sendNow() {
    if (isSending) { return; }
    for (const entry of await own.entries()) {
      if (entry.state === "waiting" && entry.nextTry) { await own.putEntry(Object.assign(entry, { nextTry: 0 })); }
    }
    await send();
  }

  window.addEventListener("online", sendNow);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { send(); } });
  send();

  window.outboxSender = { send: send, sendNow: sendNow, events: events, halted: function () { return halted; } };
})();
