// The form of the outbox: filled in without a network, from what the page has brought along; a draft is always kept.
(function () {
  "use strict";

  const own = window.ownStore;
  const form = document.querySelector("form[data-offline]");
  if (!own || !own.isUsable) { return; }
  // Where the browser keeps nothing (private windows of some), the note stays that leads to the ordinary form.
  own.countUndelivered().then(function () {
    document.querySelectorAll("[data-needs-scripts]").forEach(function (part) { part.hidden = true; });
    document.querySelectorAll("[data-with-scripts]").forEach(function (part) { part.hidden = false; });
    if (form) { start(); }
  });
  if (!form) { return; }

  const book = JSON.parse(document.getElementById("outbox-book").textContent);
  const words = JSON.parse(document.getElementById("outbox-words").textContent);
  const people = document.getElementById("log-people");
  const minutes = document.getElementById("log-minutes");
  const helpersKept = document.getElementById("helpers-kept");
  const problem = document.getElementById("outbox-problem");
  const photos = form.querySelector("input[type=file]");
  const list = document.getElementById("outbox-list");
  const KNOWN = "known";  // a draft of its own: the latest time that the server has told
  let editing = null;
  let ownKey = "";  // of a log that was begun in the ordinary form: sent by both, it still counts once
  let known = book.now;
  let timer = 0;
  let keptPhotos = "[]";
  let isPutting = false;

  form.querySelectorAll(".js-only").forEach(function (part) { part.hidden = false; });

  // --- The day and the people -----------------------------------------------------------------------------

  function day(moment) {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short" }).format(moment);
  }
  const DAY = 24 * 60 * 60 * 1000;
  form.querySelector("[data-set=today]").dataset.set = day(Date.now());
  form.querySelector("[data-set=yesterday]").dataset.set = day(Date.now() - DAY);

  function teamChosen() {
    return book.teams.find(function (team) { return String(team.pk) === form.elements.team.value; });
  }
  function ticked() {
    return Array.from(form.querySelectorAll("[name=participants]:checked")).map(function (box) { return box.value; });
  }
  function element(tag, attributes, text) {
    const made = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text) { made.textContent = text; }
    return made;
  }
  // Show who was in the team on that day, with those ticked whose keys are given.
  function showPeople(keys) {
    const team = teamChosen();
    const on = form.elements.date.value;
    const members = (team ? team.members : []).filter(function (member) {
      return !on || (member.from <= on && (!member.to || member.to >= on));
    });
    const typed = {};
    minutes.querySelectorAll("input").forEach(function (box) { typed[box.name] = box.value; });
    people.querySelector(".tap-buttons").replaceChildren();
    minutes.replaceChildren();
    members.forEach(function (member) {
      const id = "member-" + member.pk;
      const box = element("input", { type: "checkbox", class: "btn-check", name: "participants", value: member.pk, id: id });
      box.checked = keys.includes(String(member.pk));
      people.querySelector(".tap-buttons").append(box, element("label", { class: "tap-button", for: id }, member.name));
      const field = element("div", { class: "field" });
      const name = "minutes_" + member.pk;
      const input = element("input", { type: "text", inputmode: "numeric", class: "form-control", name: name, id: name });
      input.value = typed[name] || "";
      field.append(element("label", { for: name }, member.name), input);
      minutes.append(field);
    });
    people.querySelector("[data-nobody]").hidden = members.length > 0;
    people.querySelector("[data-nobody]").lastElementChild.textContent = team ? words.nobody : words.choose_team;
  }
  form.elements.team.addEventListener("change", function () {
    const team = teamChosen();
    showPeople(team ? team.last.map(String) : []);
  });
  form.elements.date.addEventListener("change", function () { showPeople(ticked()); });

  // --- What is typed, and putting it back -----------------------------------------------------------------

  function typed() {
    return Array.from(new FormData(form)).filter(function (field) {
      return typeof field[1] === "string" && field[1] !== "";
    });
  }
  function fill(fields) {
    form.reset();
    const values = {};
    fields.forEach(function (field) { (values[field[0]] = values[field[0]] || []).push(field[1]); });
    ["team", "date"].forEach(function (name) { form.elements[name].value = (values[name] || [""])[0]; });
    showPeople(values.participants || []);
    // What only the ordinary form shows comes along: the request that is answered, and helpers ticked by name.
    const helpers = values.helpers || [];
    helpersKept.replaceChildren.apply(helpersKept, ["request", "helpers"].flatMap(function (name) {
      return (values[name] || []).map(function (pk) { return element("input", { type: "hidden", name: name, value: pk }); });
    }).concat(helpers.length ? [element("p", { class: "help" }, words.helpers.replace("{count}", String(helpers.length)))] : []));
    Object.keys(values).forEach(function (name) {
      form.querySelectorAll('[name="' + CSS.escape(name) + '"]').forEach(function (box) {
        if (box.type === "checkbox" || box.type === "radio") {
          box.checked = values[name].includes(box.value);
        } else if (box.type !== "file") {
          box.value = values[name][0];
        }
      });
    });
    form.querySelectorAll("details").forEach(function (more) {
      more.open = Array.from(more.querySelectorAll("input")).some(function (box) { return box.value; });
    });
  }
  function begin() {
    editing = null;
    ownKey = "";
    const team = teamChosen() || (book.teams.length === 1 ? book.teams[0] : null);
    fill([["people_served", "1"], ["date", day(Date.now())]].concat(team ? [["team", String(team.pk)]] : []));
    if (team) { showPeople(team.last.map(String)); }
    showEditing();
  }
  function showEditing() {
    document.querySelectorAll("[data-when-editing]").forEach(function (part) { part.hidden = !editing; });
    document.querySelectorAll("[data-when-new]").forEach(function (part) { part.hidden = Boolean(editing); });
  }

  // --- A draft is kept all the time -----------------------------------------------------------------------

  function keepDraft() {
    clearTimeout(timer);
    timer = setTimeout(saveDraft, 300);
  }
  function isWorthKeeping() {
    return photos.files.length || ["starts", "ends", "category", "recipient", "content", "place"].some(function (name) {
      return form.elements[name].value;
    });
  }
  function saveDraft() {
    clearTimeout(timer);
    if (!editing && !isWorthKeeping()) { return forgetDraft(); }  // else it would bring yesterday's date back
    const files = Array.from(photos.files);
    const look = JSON.stringify(files.map(function (file) { return [file.name, file.size, file.lastModified]; }));
    if (look !== keptPhotos) {
      keptPhotos = look;
      own.putPhotos("draft", files);
    }
    return own.putDraft("outbox", { fields: typed(), editing: editing && editing.id, key: ownKey });
  }
  async function forgetDraft() {
    clearTimeout(timer);
    keptPhotos = "[]";
    await own.putPhotos("draft", []);
    await own.deleteDraft("outbox");
  }
  // Photos chosen before go back into the field; photos.js shows them. Its own answer to the emptied form comes first.
  async function bringPhotos(id) {
    const files = await own.photosOf(id);
    if (!files.length) { return; }
    const carrier = new DataTransfer();
    files.forEach(function (file) { carrier.items.add(file); });
    setTimeout(function () {
      photos.files = carrier.files;
      photos.dispatchEvent(new Event("change", { bubbles: true }));
    }, 50);
  }
  form.addEventListener("input", keepDraft);
  form.addEventListener("change", keepDraft);
  form.addEventListener("click", keepDraft);
  // Photos appear and go without an event of their own.
  new MutationObserver(keepDraft).observe(form.querySelector("[data-photo-list]"), { childList: true });
  document.addEventListener("visibilitychange", function () { if (document.hidden && timer) { saveDraft(); } });

  // --- Into the outbox ------------------------------------------------------------------------------------

  function missing() {
    const needed = [
      ["team", words.team], ["date", words.date], ["starts", words.starts], ["ends", words.ends],
      ["category", words.category], ["recipient", words.recipient], ["content", words.content],
    ];
    const found = needed.filter(function (field) { return !String(form.elements[field[0]].value).trim(); });
    if (!ticked().length) { found.splice(4, 0, ["participants", words.people]); }
    form.querySelectorAll("[aria-invalid]").forEach(function (box) { box.removeAttribute("aria-invalid"); });
    found.forEach(function (field) {
      const box = form.elements[field[0]];
      if (box && box.setAttribute) { box.setAttribute("aria-invalid", "true"); }
    });
    return found.map(function (field) { return field[1]; });
  }
  function complain() {
    const names = missing();
    const next = form.elements.next_day.checked;
    const lines = names.length ? [words.missing.replace("{fields}", names.join("、"))] : [];
    if (!names.length && !next && form.elements.ends.value <= form.elements.starts.value) { lines.push(words.end_first); }
    say(lines.join(" "));
    return lines.length > 0;
  }
  function say(text) {
    problem.hidden = !text;
    problem.querySelector("[data-problem]").textContent = text;
    if (text) { problem.focus(); }
  }

  form.addEventListener("submit", async function (event) {
    if (event.defaultPrevented) { return; }  // photos.js sends it anew once they are small
    event.preventDefault();
    event.stopPropagation();
    if (isPutting || complain()) { return; }
    clearTimeout(timer);
    const category = form.querySelector("[name=category]:checked");
    const files = Array.from(photos.files);
    const entry = Object.assign(editing || { id: ownKey || crypto.randomUUID(), madeAt: Date.now(), knownAt: known }, {
      state: "waiting",
      fields: typed(),
      shown: {
        team: teamChosen().name,
        category: form.querySelector('label[for="' + category.id + '"]').textContent.trim(),
        people: ticked().map(function (key) { return form.querySelector('label[for="member-' + key + '"]').textContent; }),
      },
      errors: [],
      proposal: null,
      nextTry: 0,
    });
    isPutting = true;
    try {
      await own.putPhotos(entry.id, files);
      entry.photoCount = files.length;
      await own.putEntry(entry);
    } catch (error) {
      say(words.full);
      return;
    } finally {
      isPutting = false;
    }
    if (navigator.storage && navigator.storage.persist) { navigator.storage.persist(); }
    await forgetDraft();
    if (ownKey) { await own.deleteDraft("log:" + ownKey); }
    begin();
    document.getElementById("outbox-said").textContent = words.said;
    list.closest("section").scrollIntoView({ block: "start" });
    window.outboxSender.send();
  });

  list.addEventListener("edit", function (event) {
    editing = event.detail;
    // The person looks at date and times now: a question about the clock is answered by that.
    if (editing.reason === "clock") { editing.clockConfirmed = true; }
    fill(editing.fields);
    bringPhotos(editing.id);
    showEditing();
    saveDraft();
    form.scrollIntoView({ block: "start" });
    form.elements.date.focus();
  });
  document.getElementById("outbox-new").addEventListener("click", async function () {
    await forgetDraft();
    begin();
  });

  // --- The phone's clock ------------------------------------------------------------------------------------

  // A phone that thinks it is earlier than the server has said before is wrong: say so before anything is written.
  function showClock() { document.getElementById("clock-note").hidden = Date.now() > known - 10 * 60 * 1000; }
  window.outboxSender.events.addEventListener("clock", function (event) {
    known = Date.now() + event.detail;
    own.putDraft(KNOWN, { now: known });
    showClock();
  });

  // --- Beginning --------------------------------------------------------------------------------------------

  // What was half written in the ordinary form when the network went.
  async function begunElsewhere() {
    if (new URLSearchParams(location.search).get("from") !== "log") { return null; }
    const logs = (await own.drafts()).filter(function (draft) { return draft.id.startsWith("log:"); });
    logs.sort(function (one, other) { return other.at - one.at; });
    const last = logs.length ? await own.draft(logs[0].id) : null;
    return last && last.fields;
  }
  async function start() {
    const before = await own.draft(KNOWN);
    known = Math.max(book.now, before ? before.now : 0);
    if (known === book.now) { own.putDraft(KNOWN, { now: known }); }
    showClock();
    const draft = await own.draft("outbox");
    begin();
    const begun = await begunElsewhere();
    if (begun) {
      fill(begun);
      ownKey = begun.find(function (field) { return field[0] === "key"; })[1];
      saveDraft();
    } else if (draft) {
      ownKey = draft.key || "";
      editing = draft.editing ? (await own.entries()).find(function (entry) { return entry.id === draft.editing; }) || null : null;
      fill(draft.fields);
      bringPhotos("draft");
      showEditing();
    }
    form.dataset.ready = "yes";
  }
})();
