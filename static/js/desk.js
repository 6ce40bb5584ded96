// The review desk: teams open in place, keys move and act. Without it each team's name leads to its month's page.
(function () {
  "use strict";

  const desk = document.getElementById("desk");
  const said = document.getElementById("desk-said");
  const trouble = document.getElementById("trouble");
  const keysDialog = document.getElementById("desk-keys");
  const keysOn = document.getElementById("desk-keys-on");
  const keysButton = document.getElementById("desk-keys-button");
  if (!desk) { return; }
  let current = null;
  let quiet = 0;

  function say(text, isRefused) {
    said.textContent = "";
    // A live region that is emptied first is read out again when the same thing is said twice.
    window.setTimeout(function () {
      said.textContent = text;
      said.classList.toggle("desk-said-bad", Boolean(isRefused));
    }, 30);
    window.clearTimeout(quiet);
    quiet = window.setTimeout(function () { said.textContent = ""; }, 8000);
  }

  function lead(row) { return row.querySelector(".desk-name"); }
  function body(row) { return row.querySelector(".desk-body"); }
  function isOpen(row) { return !body(row).hidden; }

  // A team that has a report opens below its name: its link becomes a button.
  function upgrade(row) {
    if (!row.dataset.report) { return; }
    lead(row).setAttribute("role", "button");
    lead(row).setAttribute("aria-controls", body(row).id);
    lead(row).setAttribute("aria-expanded", String(isOpen(row)));
  }
  desk.querySelectorAll(".desk-team").forEach(upgrade);
  desk.classList.add("desk-live");

  function ask(address, options) {
    const headers = { "HX-Request": "true" };
    return fetch(address, Object.assign({ credentials: "same-origin", headers: headers }, options)).then(function (answer) {
      if (answer.redirected) { window.location.reload(); }  // signed out meanwhile
      if (answer.status >= 400 && answer.status !== 422) { throw new Error(String(answer.status)); }
      trouble.hidden = true;
      return answer.text();
    }).catch(function (error) {
      trouble.hidden = false;
      throw error;
    });
  }

  function show(row, isShown) {
    body(row).hidden = !isShown;
    lead(row).setAttribute("aria-expanded", String(isShown));
  }

  function open(row) {
    if (isOpen(row) || !row.dataset.report) { return Promise.resolve(); }
    row.setAttribute("aria-busy", "true");
    return ask(desk.dataset.reports + row.dataset.report + "/desk/").then(function (html) {
      body(row).innerHTML = html;
      show(row, true);
      const isCut = row.getBoundingClientRect().bottom > window.innerHeight;
      row.scrollIntoView({ block: isCut ? "start" : "nearest" });
    }).catch(function () {}).finally(function () { row.removeAttribute("aria-busy"); });
  }

  function toggle(row) {
    if (isOpen(row)) { show(row, false); } else { open(row); }
  }

  function choose(row) {
    if (current && current !== row) { current.classList.remove("is-current"); }
    current = row;
    if (row) { row.classList.add("is-current"); }
  }

  function focus(row) {
    choose(row);
    lead(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: isOpen(row) ? "start" : "nearest" });
  }

  function rows() {
    return Array.from(desk.querySelectorAll(".desk-team"));
  }

  function move(step) {
    const all = rows();
    const place = all.indexOf(current);
    const next = all[place < 0 ? (step > 0 ? 0 : all.length - 1) : place + step];
    if (next) { focus(next); }
  }

  // The row, the figures and the button for plain months as they are after something was done.
  function put(row, html) {
    const answer = new DOMParser().parseFromString(html, "text/html").getElementById("desk-answer");
    if (!answer) { window.location.reload(); return null; }
    let fresh = null;
    [row.id, "desk-figures", "plain-head"].forEach(function (id) {
      const there = document.getElementById(id);
      const part = answer.querySelector("#" + id);
      if (!there || !part) { return; }
      const made = document.importNode(part, true);
      there.replaceWith(made);
      if (id === row.id) { fresh = made; }
    });
    if (fresh) { upgrade(fresh); }
    say(answer.dataset.said, answer.dataset.refused);
    return fresh;
  }

  function send(row, address, fields, follow) {
    if (row.dataset.sent) { return; }
    row.dataset.sent = "yes";
    row.setAttribute("aria-busy", "true");
    ask(address, { method: "POST", body: fields }).then(function (html) {
      const fresh = put(row, html);
      if (fresh) { follow(fresh); }
    }).catch(function () {
      delete row.dataset.sent;
      row.removeAttribute("aria-busy");
    });
  }

  function afterwards(fresh, address) {
    const wrong = fresh.querySelector("[data-focus]");
    if (wrong) { choose(fresh); wrong.focus(); return; }
    if (isOpen(fresh)) {
      const log = address && fresh.querySelector('[data-for="' + address + '"]');
      choose(fresh);
      (log || lead(fresh)).focus({ preventScroll: Boolean(log) });
      return;
    }
    // On to the next one that waits, or stay where one is.
    const after = rows().slice(rows().indexOf(fresh) + 1);
    focus(after.find(function (row) { return row.dataset.can; }) || fresh);
  }

  function read(row) {
    if (!row.dataset.can) { say(desk.dataset.notRead, true); return; }
    const form = isOpen(row) ? row.querySelector("form[data-read]") : null;
    if (form) { form.requestSubmit(); return; }
    if (row.dataset.look) { say(desk.dataset.openFirst, true); return; }
    const fields = new FormData();
    fields.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    fields.append("version", row.dataset.version);
    send(row, desk.dataset.reports + row.dataset.report + "/read/", fields, afterwards);
  }

  // Open the form that the key stands for, within the log that has the focus or else the first that has it.
  function unfold(row, what) {
    const near = document.activeElement.closest(".month-log");
    open(row).then(function () {
      const details = (near && row.contains(near) && near.querySelector(what)) || row.querySelector(what);
      if (!details) { say(desk.dataset.notHere, true); return; }
      details.open = true;
      details.querySelector("textarea, input:not([type=hidden])").focus();
    });
  }

  desk.addEventListener("click", function (event) {
    const link = event.target.closest(".desk-name[aria-expanded]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    choose(link.closest(".desk-team"));
    toggle(current);
  });

  desk.addEventListener("focusin", function (event) {
    const row = event.target.closest(".desk-team");
    if (row) { choose(row); }
  });

  // What is sent from an opened team stays on the desk. Caught before the page's own guard against a second press.
  desk.addEventListener("submit", function (event) {
    const form = event.target;
    const row = form.closest(".desk-team");
    if (!row || !form.closest(".desk-body")) { return; }
    event.preventDefault();
    send(row, form.action, new FormData(form), afterwards);
  });

  // --- Keys -------------------------------------------------------------------------------------------

  const memory = "desk-keys-" + desk.dataset.user;
  function remembered() {
    try { return window.localStorage.getItem(memory); } catch (error) { return null; }
  }
  keysOn.checked = remembered() !== "off";
  keysOn.addEventListener("change", function () {
    try { window.localStorage.setItem(memory, keysOn.checked ? "on" : "off"); } catch (error) { /* not kept then */ }
  });
  keysButton.hidden = false;
  keysButton.addEventListener("click", function () { keysDialog.showModal(); });
  keysDialog.querySelector("[data-close-keys]").addEventListener("click", function () { keysDialog.close(); });

  const KEYS = {
    j: function () { move(1); },
    k: function () { move(-1); },
    r: function () { if (current) { read(current); } },
    b: function () { if (current) { unfold(current, "[data-return]"); } },
    c: function () { if (current) { unfold(current, "[data-comment]"); } },
    f: function () { if (current) { unfold(current, "[data-flag]"); } },
    "?": function () { keysDialog.showModal(); },
  };

  function isTyping(target) {
    return Boolean(target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"));
  }

  document.addEventListener("keydown", function (event) {
    if (document.querySelector("dialog[open]") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (isTyping(event.target)) {
      if (event.key === "Escape" && current && current.contains(event.target)) { focus(current); }
      return;
    }
    if (event.key === " " && event.target.matches(".desk-name[aria-expanded]")) {  // as any button
      event.preventDefault();
      event.target.click();
      return;
    }
    const act = keysOn.checked && !event.repeat && KEYS[event.key];
    const isMoving = keysOn.checked && event.repeat && (event.key === "j" || event.key === "k");
    if (act || isMoving) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  // A link from home leads to one team: it is opened.
  const named = window.location.hash.startsWith("#team-") && document.getElementById(window.location.hash.slice(1));
  if (named) { focus(named); open(named); }
})();
