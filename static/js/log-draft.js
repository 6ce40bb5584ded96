// A half-written log survives a closed tab: kept on the device, sealed and the person's own, and offered the next time.
(function () {
  "use strict";

  const own = window.ownStore;
  const form = document.querySelector("form[data-draft]");
  const offer = document.getElementById("draft-offer");
  if (!own || !own.isUsable || !form || !offer) { return; }
  const PREFIX = form.dataset.draft;  // "log:" or "call:"
  const WEEK = 7 * 24 * 60 * 60 * 1000;
  const id = PREFIX + form.elements.key.value;
  let timer = 0;

  function typed() {
    return Array.from(new FormData(form)).filter(function (field) {
      return typeof field[1] === "string" && field[1] !== "" && field[0] !== "csrfmiddlewaretoken";
    });
  }
  function keep() {
    clearTimeout(timer);
    timer = 0;
    return own.putDraft(id, { fields: typed() });
  }
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  }
  // What the page itself began with is no draft: only what a person has touched.
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  document.addEventListener("visibilitychange", function () { if (document.hidden && timer) { keep(); } });
  // A form that came back with an error is not saved yet; what is in it is kept.
  if (!("fresh" in form.dataset)) { keep(); }

  // Without a network the form is not sent into the void: it goes to the outbox.
  form.addEventListener("submit", function (event) {
    if (navigator.onLine) { return; }
    event.preventDefault();
    event.stopPropagation();
    keep().then(function () {
      const note = document.getElementById("draft-offline");
      note.hidden = false;
      note.focus();
    });
  });

  async function offerLast() {
    const all = (await own.drafts()).filter(function (draft) { return draft.id.startsWith(PREFIX) && draft.id !== id; });
    all.sort(function (one, other) { return other.at - one.at; });
    for (const old of all.filter(function (draft, place) { return place >= 5 || Date.now() - draft.at > WEEK; })) {
      await own.deleteDraft(old.id);
    }
    if (!all.length || Date.now() - all[0].at > WEEK || !("fresh" in form.dataset)) { return; }
    const last = await own.draft(all[0].id);
    if (!last) { return; }
    const words = ["recipient", "content"].map(function (name) {
      const found = last.fields.find(function (field) { return field[0] === name; });
      return found ? found[1] : "";
    }).filter(Boolean).join(" · ");
    offer.querySelector("[data-words]").textContent = words;
    offer.hidden = false;
    // The server shows the form again with all that was typed, its key included: saved twice it counts once.
    offer.querySelector("[data-restore]").addEventListener("click", function () {
      last.fields.filter(function (field) { return field[0] !== "reload" && field[0] !== "next"; }).concat([["reload", "1"]]).forEach(function (field) {
        const box = document.createElement("input");
        box.type = "hidden";
        box.name = field[0];
        box.value = field[1];
        offer.querySelector("form").append(box);
      });
      offer.querySelector("form").submit();
    });
    offer.querySelector("[data-forget]").addEventListener("click", async function () {
      for (const draft of all) { await own.deleteDraft(draft.id); }
      offer.hidden = true;
      form.querySelector("input:not([type=hidden]), select").focus();
    });
  }
  offerLast();
})();
