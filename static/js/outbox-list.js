// The list of the outbox: each log with its state, what the server said, and what may be done about it.
(function () {
  "use strict";

  const own = window.ownStore;
  const list = document.getElementById("outbox-list");
  if (!list || !own || !own.isUsable) { return; }
  const words = JSON.parse(document.getElementById("outbox-words").textContent);
  const form = document.querySelector("form[data-offline]");  // none for who leads no team any more
  const sample = document.getElementById("outbox-entry");
  const KEPT = 3 * 24 * 60 * 60 * 1000;  // a delivered log is shown for three days

  function part(card, name) { return card.querySelector("[data-" + name + "]"); }
  function field(entry, name) {
    const found = entry.fields.find(function (each) { return each[0] === name; });
    return found ? found[1] : "";
  }

  // The whole log as text: to be read out to the township's staff, or copied and sent to them.
  function asText(entry) {
    const lines = [
      [words.team, entry.shown.team],
      [words.date, field(entry, "date") + " " + field(entry, "starts") + "–" + field(entry, "ends") + (field(entry, "next_day") ? " " + words.next_day : "")],
      [words.people, entry.shown.people.join("、") + (field(entry, "helper_numbers") ? " " + field(entry, "helper_numbers") : "")],
      [words.category, entry.shown.category],
      [words.recipient, field(entry, "recipient")],
      [words.content, field(entry, "content")],
      [words.served, field(entry, "people_served")],
      [words.place, field(entry, "place")],
    ];
    return lines.filter(function (line) { return line[1]; }).map(function (line) { return line[0] + words.colon + line[1]; }).join("\n");
  }

  function show(entry) {
    const card = sample.content.firstElementChild.cloneNode(true);
    card.dataset.id = entry.id;
    card.dataset.state = entry.state;
    part(card, "badge").replaceWith(document.getElementById("state-" + entry.state).content.cloneNode(true));
    part(card, "recipient").textContent = field(entry, "recipient");
    part(card, "when").textContent = field(entry, "date") + " " + field(entry, "starts") + "–" + field(entry, "ends");
    part(card, "content").textContent = field(entry, "content");
    part(card, "photos").textContent = entry.photoCount ? words.photos.replace("{count}", String(entry.photoCount)) : "";

    const number = part(card, "number");
    if (entry.number && (entry.state === "delivered" || entry.state === "ask")) {
      const label = words.number.replace("{number}", String(entry.number));
      if (entry.url) {
        const link = document.createElement("a");
        link.href = entry.url;
        link.textContent = label;
        number.append(link);
      } else {
        number.textContent = label;
      }
    } else {
      number.remove();
    }

    const reasons = part(card, "reasons");
    const errors = entry.reason === "too_large" ? [{ label: "", text: words.too_large }] : entry.errors || [];
    if (entry.state !== "delivered" && entry.state !== "sending" && errors.length) {
      reasons.hidden = false;
      errors.forEach(function (error) {
        const line = document.createElement("li");
        line.textContent = (error.label ? error.label + words.colon : "") + error.text;
        reasons.querySelector("ul").append(line);
      });
      if (entry.proposal) {
        const line = document.createElement("li");
        line.textContent = words.proposal.replace("{when}", entry.proposal.shown);
        reasons.querySelector("ul").append(line);
      }
    }
    const text = part(card, "text");
    if (entry.state === "refused") { text.querySelector("pre").textContent = asText(entry); } else { text.remove(); }

    const offered = {
      accept: entry.state === "ask" && entry.reason === "clock" && entry.proposal,
      confirm: entry.state === "ask" && entry.reason === "clock",
      edit: form && ["waiting", "refused", "ask"].includes(entry.state),
      remove: entry.state !== "sending" && entry.state !== "delivered",
      clear: entry.state === "delivered",
    };
    card.querySelectorAll("[data-do]").forEach(function (button) {
      if (!offered[button.dataset.do]) { button.remove(); return; }
      button.setAttribute("aria-label", button.textContent.trim() + words.colon + field(entry, "recipient"));
    });
    return card;
  }

  async function refresh() {
    const entries = await own.entries();
    for (const entry of entries) {
      if (entry.state === "delivered" && Date.now() - entry.deliveredAt > KEPT) { await own.deleteEntry(entry.id); }
    }
    // What still waits stands first; below it what has arrived, the latest first.
    const waiting = entries.filter(function (entry) { return entry.state !== "delivered"; });
    const delivered = entries.filter(function (entry) { return entry.state === "delivered"; }).reverse();
    const focused = document.activeElement && document.activeElement.closest("[data-id]");
    const focus = focused ? [focused.dataset.id, document.activeElement.dataset.do] : null;
    list.replaceChildren.apply(list, waiting.concat(delivered).map(show));
    document.querySelectorAll("[data-outbox-jump]").forEach(function (jump) { jump.hidden = !waiting.length; });
    document.getElementById("outbox-empty").hidden = entries.length > 0;
    document.getElementById("outbox-send").hidden = !waiting.some(function (entry) { return entry.state === "waiting"; });
    if (focus) {
      const again = list.querySelector('[data-id="' + focus[0] + '"] [data-do="' + focus[1] + '"]');
      if (again) { again.focus(); }
    }
    const halted = window.outboxSender.halted();
    document.querySelectorAll("[data-when-halted]").forEach(function (note) {
      note.hidden = note.dataset.whenHalted !== halted || !waiting.length;
    });
  }

  list.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-do], [data-copy]");
    if (!button) { return; }
    const card = button.closest("[data-id]");
    const entry = (await own.entries()).find(function (each) { return each.id === card.dataset.id; });
    if (!entry) { return; }
    if ("copy" in button.dataset) {
      await navigator.clipboard.writeText(asText(entry));
      button.textContent = words.copied;
    } else if (button.dataset.do === "edit") {
      list.dispatchEvent(new CustomEvent("edit", { detail: entry }));
    } else if (button.dataset.do === "clear") {
      await own.deleteEntry(entry.id);
    } else if (button.dataset.do === "remove") {
      if (await window.yiwangDevice.ask(words.remove_question, words.remove)) { await own.deleteEntry(entry.id); }
    } else {
      if (button.dataset.do === "accept") {
        const put = { date: entry.proposal.date, starts: entry.proposal.starts, ends: entry.proposal.ends, next_day: entry.proposal.next_day };
        entry.fields = entry.fields.filter(function (each) { return !(each[0] in put); });
        Object.keys(put).forEach(function (name) { if (put[name]) { entry.fields.push([name, put[name]]); } });
      }
      Object.assign(entry, { state: "waiting", clockConfirmed: true, errors: [], proposal: null, nextTry: 0 });
      await own.putEntry(entry);
      window.outboxSender.send();
    }
  });

  document.getElementById("outbox-send").addEventListener("click", window.outboxSender.sendNow);
  window.outboxSender.events.addEventListener("rest", refresh);
  own.changed.addEventListener("change", refresh);
  refresh();
})();
