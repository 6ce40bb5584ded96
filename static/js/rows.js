// Rows of paper logs: Enter saves a row and opens the next. Without it one row a page still works.
(function () {
  "use strict";

  const sheet = document.querySelector("[data-rows]");
  if (!sheet) { return; }
  const words = sheet.dataset;
  const CELLS = ["team", "date", "starts", "ends", "category", "people", "recipient", "content", "people_served", "place"];
  const CARRIED = ["team", "date", "people"];
  const PREFIX = "yiwang.rows.";
  const KEPT = PREFIX + words.user;
  const counts = { saved: 0 };
  let queue = Promise.resolve();

  // --- What is typed ------------------------------------------------------------------------------

  function rows() { return Array.from(sheet.querySelectorAll(".row-line:not(.row-head)")); }
  function forms() { return Array.from(sheet.querySelectorAll("form[data-row]")); }
  function valuesOf(form) {
    const values = {};
    CELLS.forEach(function (name) { values[name] = form.elements[name].value; });
    return values;
  }
  // What stands in a row, typed or saved: the row below copies it.
  function shownIn(row) {
    if (!row || row.classList.contains("row-head")) { return {}; }
    return row.matches("form") ? valuesOf(row) : JSON.parse(row.dataset.cells || "{}");
  }
  function hasTyped(form) {
    return CELLS.some(function (name) { return CARRIED.indexOf(name) < 0 && form.elements[name].value.trim(); });
  }
  function firstEmpty(form) {
    const name = CELLS.slice(0, 8).find(function (each) { return !form.elements[each].value.trim(); });
    return form.elements[name || "starts"];
  }

  // Rows that are not saved yet outlive the page; they are this account's, in this tab.
  function keep() {
    const unsaved = forms().filter(hasTyped).map(function (form) {
      return { key: form.elements.key.value, cells: valuesOf(form) };
    });
    try {
      if (unsaved.length) { sessionStorage.setItem(KEPT, JSON.stringify(unsaved)); } else { sessionStorage.removeItem(KEPT); }
    } catch (full) { /* private windows may refuse to store */ }
  }
  function kept() {
    try {
      Object.keys(sessionStorage).forEach(function (key) {
        if (key.startsWith(PREFIX) && key !== KEPT) { sessionStorage.removeItem(key); }
      });
      return JSON.parse(sessionStorage.getItem(KEPT) || "[]");
    } catch (broken) { return []; }
  }

  // crypto.randomUUID is missing where a township's server speaks no TLS.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function add(values, key) {
    const holder = document.createElement("div");
    holder.innerHTML = document.getElementById("row-blank").innerHTML.replaceAll("__row__", key || uuid());
    const form = holder.querySelector("form");
    CELLS.forEach(function (name) { form.elements[name].value = (values || {})[name] || ""; });
    sheet.append(form);
    prepare(form);
    return form;
  }

  // --- Sending --------------------------------------------------------------------------------------

  function send(form, address) {
    const fields = new FormData(form);
    fields.delete("csrfmiddlewaretoken");  // the cookie's is current, also after signing in again in another tab
    fields.append("inline", "1");
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    const token = cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
    return fetch(address, { method: "POST", body: fields, credentials: "same-origin", headers: { "X-CSRFToken": token } });
  }

  function say(form, text) {
    const beneath = form.querySelector(".row-beneath");
    const old = beneath.querySelector("[data-said]");
    if (old) { old.remove(); }
    if (!text) { return; }
    const said = document.createElement("p");
    said.className = "row-doubt";
    said.dataset.said = "";
    said.setAttribute("role", "status");
    said.textContent = text;
    beneath.prepend(said);
  }

  function hold(form, held) {
    form.classList.toggle("row-saving", held);
    CELLS.forEach(function (name) { form.elements[name].readOnly = held; });
  }

  function replace(form, html) {
    const active = document.activeElement;
    const within = form.contains(active) ? active.name : "";
    const holder = document.createElement("div");
    holder.innerHTML = html;
    const fresh = holder.querySelector(".row-line");
    if (!fresh) { throw new Error("unexpected answer"); }
    if (fresh.matches("[data-saved]")) { fresh.dataset.cells = JSON.stringify(valuesOf(form)); }
    form.replaceWith(fresh);
    if (fresh.matches("form")) {
      prepare(fresh);
      if (within && fresh.elements[within]) { (fresh.querySelector(".is-invalid") || fresh.elements[within]).focus(); }
    }
    return fresh;
  }

  function save(form) {
    if (form.classList.contains("row-saving")) { return; }
    if (!hasTyped(form) && forms().length > 1 && form === forms().pop()) { return; }
    say(form, words.saving);
    hold(form, true);
    if (form === rows().pop()) {
      const above = valuesOf(form);
      const next = {};
      CARRIED.forEach(function (name) { next[name] = above[name]; });
      const fresh = add(next);
      firstEmpty(fresh).focus();
      check(fresh);
    } else {
      const later = forms().find(function (each) { return form.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING; });
      if (later) { firstEmpty(later).focus(); }
    }
    keep();
    queue = queue.then(function () { return deliver(form); });
  }

  function deliver(form) {
    return send(form, form.action).then(function (answer) {
      if (answer.status === 401 || answer.status === 403 || answer.redirected) { throw new Error(words.signedOut); }
      if (answer.status === 409 && !(answer.headers.get("X-Row") === "row")) { throw new Error(words.busy); }
      if (answer.status >= 500) { throw new Error(words.unsent); }
      return answer.text().then(function (html) {
        const fresh = replace(form, html);
        if (fresh.matches("[data-saved]")) { counts.saved += 1; }
      });
    }).catch(function (problem) {
      hold(form, false);
      form.classList.add("row-wrong");
      say(form, [words.signedOut, words.busy].indexOf(problem.message) < 0 ? words.unsent : problem.message);
    }).then(function () { keep(); count(); });
  }

  function count() {
    const wrong = sheet.querySelectorAll("form.row-wrong").length;
    document.querySelector("[data-count-saved]").textContent = counts.saved;
    document.querySelector("[data-count-wrong]").textContent = wrong;
    document.querySelector("[data-count-wrong-part]").hidden = !wrong;
  }

  // What the row means so far: asked a moment after the last key.
  const waiting = new WeakMap();
  const asked = new WeakMap();
  function check(form, delay) {
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(function () {
      const turn = (asked.get(form) || 0) + 1;
      asked.set(form, turn);
      send(form, words.check).then(function (answer) {
        if (!answer.ok || answer.redirected) { return null; }
        return answer.text();
      }).then(function (html) {
        if (html !== null && asked.get(form) === turn) { form.querySelector("[data-meaning]").innerHTML = html; }
      }).catch(function () { /* saving says so */ });
    }, delay || 60));
  }

  // --- Keys ---------------------------------------------------------------------------------------------

  function discard(form) {
    const place = rows().indexOf(form);
    form.remove();
    if (!forms().length) { add({}); }
    keep();
    count();
    const left = forms();
    firstEmpty(left.find(function (each) { return rows().indexOf(each) >= place; }) || left[left.length - 1]).focus();
  }

  function prepare(form) {
    form.querySelectorAll(".js-only").forEach(function (part) { part.hidden = false; });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      save(form);
    });
    form.addEventListener("input", function (event) {
      keep();
      if (["team", "date", "starts", "ends", "category", "people"].indexOf(event.target.name) >= 0) { check(form, 350); }
    });
    form.querySelector("[data-discard]").addEventListener("click", function () { discard(form); });
    form.addEventListener("keydown", function (event) {
      const cell = event.target;
      if (event.isComposing || CELLS.indexOf(cell.name) < 0) { return; }
      if (event.key === "Enter" && !event.altKey) {
        event.preventDefault();
        save(form);
      } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d") {
        event.preventDefault();
        const above = shownIn(form.previousElementSibling)[cell.name];
        if (above) {
          cell.value = above;
          cell.dispatchEvent(new Event("input", { bubbles: true }));
        }
      } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        const all = forms();
        const other = all[all.indexOf(form) + (event.key === "ArrowUp" ? -1 : 1)];
        if (other) { other.elements[cell.name].focus(); }
      } else if ((event.ctrlKey || event.metaKey) && event.key === "Backspace" && !cell.value) {
        event.preventDefault();
        discard(form);
      }
    });
  }

  // --- The beginning ------------------------------------------------------------------------------------

  document.querySelectorAll(".js-only").forEach(function (part) { part.hidden = false; });
  forms().forEach(prepare);
  const before = kept();
  const first = forms()[0];
  if (before.length && first && !hasTyped(first)) {
    first.remove();
    before.forEach(function (row) { say(add(row.cells, row.key), words.restored); });
  }
  const last = forms().pop();
  if (last) {
    firstEmpty(last).focus();
    check(last);
  }
  count();
})();
