// The form of a service log: quick times, and the people of the chosen team and day. Without it everything still works.
(function () {
  "use strict";

  const form = document.querySelector(".log-form");
  if (!form) { return; }
  const day = form.elements.date;
  const starts = form.elements.starts;
  const ends = form.elements.ends;
  const nextDay = form.elements.next_day;

  function minutesOf(text) {
    const parts = /^([0-9]{1,2}):([0-9]{2})$/.exec(text);
    return parts ? Number(parts[1]) * 60 + Number(parts[2]) : null;
  }
  function clock(minutes) {
    const within = ((minutes % 1440) + 1440) % 1440;
    return String(Math.floor(within / 60)).padStart(2, "0") + ":" + String(within % 60).padStart(2, "0");
  }

  // Today and yesterday.
  form.querySelectorAll("[data-set]").forEach(function (button) {
    button.addEventListener("click", function () {
      day.value = button.dataset.set;
      day.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  // So long: from the start, or, while there is none, until now (Shanghai's clock, down to five minutes).
  form.querySelectorAll("[data-minutes]").forEach(function (button) {
    button.addEventListener("click", function () {
      const length = Number(button.dataset.minutes);
      let from = minutesOf(starts.value);
      if (from === null) {
        const now = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date());
        from = Math.floor(minutesOf(now) / 5) * 5 - length;
        starts.value = clock(from);
        from = minutesOf(starts.value);
      }
      ends.value = clock(from + length);
      nextDay.checked = from + length > 1440;
    });
  });

  // The outbox shows people from what the phone remembers (outbox.js).
  if ("offline" in form.dataset) { return; }

  // Another team or day has other people.
  function showPeople() {
    const fields = new FormData(form);
    fields.append("reload", "1");
    fields.delete("photos");  // they go with the log
    fetch(window.location.href, { method: "POST", body: fields, credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.text();
      })
      .then(function (html) {
        const page = new DOMParser().parseFromString(html, "text/html");
        ["log-people", "ticked-for"].forEach(function (id) {
          const fresh = page.getElementById(id);
          const old = document.getElementById(id);
          if (fresh && old) { old.replaceWith(document.importNode(fresh, true)); }
        });
      })
      .catch(function () { document.getElementById("trouble").hidden = false; });
  }
  [form.elements.team, day].forEach(function (field) {
    if (field) { field.addEventListener("change", showPeople); }
  });

  // Helpers are looked up by name; who was ticked stays when the next one is looked up.
  form.querySelectorAll(".js-only").forEach(function (part) { part.hidden = false; });
  form.querySelectorAll(".no-js").forEach(function (part) { part.hidden = !part.querySelector("input").value; });
  const found = document.getElementById("helpers-found");
  const search = document.getElementById("helper-search");
  const chosen = document.querySelector("#helpers-chosen .tap-buttons");
  found.addEventListener("change", function (event) {
    const tick = event.target;
    const label = found.querySelector('label[for="' + tick.id + '"]');
    const isThere = Array.from(chosen.querySelectorAll("input")).some(function (other) { return other.value === tick.value; });
    if (isThere) { tick.remove(); label.remove(); } else { chosen.append(tick, label); }
    found.replaceChildren();
    showPeople();  // with a box for the helper's minutes
    search.value = "";
    search.focus();
  });
  // Enter in the search looks for a helper; it does not save the log.
  search.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
})();
