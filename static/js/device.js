// This device: the app that works without a network, whose it is at the moment, and leaving it clean.
(function () {
  "use strict";

  const own = window.ownStore;
  if (!own) { return; }
  const meta = document.querySelector("meta[name=yiwang-own-store]");
  const OWNER = "yiwang-owner";
  const PARKED = "yiwang-parked-";
  const PAGE = "yiwang-page";

  // --- Asking before something is lost ------------------------------------------------------------------

  // Ask in the page's dialog; resolves to whether the person goes on.
  function ask(question, button, cancel) {
    const dialog = document.getElementById("confirm");
    const proceed = dialog.querySelector("[data-proceed]");
    const close = dialog.querySelector("[data-close]");
    const labels = [proceed.textContent, close.textContent];
    dialog.querySelector("#confirm-text").textContent = question;
    proceed.textContent = button;
    if (cancel) { close.textContent = cancel; }
    return new Promise(function (resolve) {
      let answer = false;
      proceed.onclick = function () { answer = true; dialog.close(); };
      dialog.addEventListener("close", function () {
        proceed.textContent = labels[0];
        close.textContent = labels[1];
        resolve(answer);
      }, { once: true });
      dialog.showModal();
      close.focus();
    });
  }

  // --- Whose device it is -------------------------------------------------------------------------------

  const former = localStorage.getItem(OWNER);
  if (former && former !== own.owner) {
    // Somebody else's page must not be here; what they could not send yet stays, sealed, until they are back.
    if ("caches" in window) { caches.delete(PAGE); }
    localStorage.setItem(PARKED + former, "yes");
  }
  localStorage.setItem(OWNER, own.owner);
  // Signed out, or somebody else signed in, in another tab: this one shows nothing of theirs any longer.
  window.addEventListener("storage", function (event) {
    if (event.key === OWNER && event.newValue !== own.owner) { location.reload(); }
  });

  // --- The app --------------------------------------------------------------------------------------------

  if ("serviceWorker" in navigator && own.isUsable) {
    navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).then(keepPage).catch(function (error) {
      console.info("Without a network nothing will open here", error);
    });
  }
  // The copy of the outbox is there before it is needed, not only once it has been visited.
  async function keepPage() {
    if (!("keep" in meta.dataset) || location.pathname === meta.dataset.outbox) { return; }
    await navigator.serviceWorker.ready;
    if (await caches.has(PAGE)) { return; }
    const response = await fetch(meta.dataset.outbox, { credentials: "same-origin" });
    if (response.ok && response.headers.get("Yiwang-Keep") === own.owner && localStorage.getItem(OWNER) === own.owner) {
      const cache = await caches.open(PAGE);
      await cache.put(meta.dataset.outbox, response);
    }
  }

  // --- Network, and how many logs wait ---------------------------------------------------------------------

  function showNetwork() {
    document.querySelectorAll("[data-when-offline]").forEach(function (part) { part.hidden = navigator.onLine; });
  }
  window.addEventListener("online", showNetwork);
  window.addEventListener("offline", showNetwork);
  showNetwork();

  async function showCount() {
    if (!own.isUsable) { return; }
    const count = await own.countUndelivered();
    document.querySelectorAll("[data-outbox-count]").forEach(function (part) {
      part.textContent = String(count);
      part.hidden = count === 0;
    });
    const parked = localStorage.getItem(PARKED + own.owner);
    document.querySelectorAll("[data-when-parked]").forEach(function (part) { part.hidden = !(parked && count); });
    if (parked && !count) { localStorage.removeItem(PARKED + own.owner); }
  }
  own.changed.addEventListener("change", showCount);
  showCount();

  // --- What was saved need not be kept as a draft ----------------------------------------------------------

  document.querySelectorAll("[data-saved-key]").forEach(function (link) {
    if (!own.isUsable) { return; }
    own.deleteDraft("log:" + link.dataset.savedKey);
    own.deleteDraft("call:" + link.dataset.savedKey);
  });

  // --- Leaving the device clean -----------------------------------------------------------------------------

  document.querySelectorAll("form[data-sign-out]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (!own.isUsable || form.dataset.cleared) { return; }
      event.preventDefault();
      event.stopPropagation();
      leave(form);
    });
  });
  async function leave(form) {
    if (!navigator.onLine) {
      await ask(form.dataset.noNetwork, form.dataset.stay);
      return;
    }
    const count = await own.countUndelivered().catch(function () { return 0; });
    if (count > 0) {
      const question = form.dataset.undelivered.replace("{count}", String(count));
      if (!(await ask(question, form.dataset.leave, form.dataset.stay))) {
        if (location.pathname !== meta.dataset.outbox) { location.assign(meta.dataset.outbox); }
        return;
      }
    }
    try {
      await clear();
      // Nothing of anybody else's is here: the server may have the browser clear all.
      if (!(await own.othersAreHere())) { form.elements.clear.value = "all"; }
    } finally {
      form.dataset.cleared = "yes";
      form.submit();
    }
  }
  async function clear() {
    Object.keys(sessionStorage).forEach(function (key) {  // rows of paper that were not saved (rows.js)
      if (key.startsWith("yiwang.rows.")) { sessionStorage.removeItem(key); }
    });
    localStorage.removeItem(OWNER);
    localStorage.removeItem(PARKED + own.owner);
    await own.clear();
    if ("caches" in window) {
      for (const name of await caches.keys()) { await caches.delete(name); }
    }
    if ("serviceWorker" in navigator) {
      for (const worker of await navigator.serviceWorker.getRegistrations()) { await worker.unregister(); }
    }
  }

  window.yiwangDevice = { ask: ask };
})();
