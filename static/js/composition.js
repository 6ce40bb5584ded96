// Composing teams: somebody dragged onto another team moves there, dragged onto a person the two change places.
// Without it the button beside each name leads to a page that does the same.
(function () {
  "use strict";

  let dragged = null;

  function form() { return document.querySelector("form[data-composition]"); }

  // Not on the page's content, which is put in anew after each change.
  document.documentElement.classList.add("composed-live");

  // What lies under the pointer: a person of another team, or a team (or nobody's place) that is not the own one.
  function target(event) {
    if (!dragged) { return null; }
    const place = event.target.closest("[data-drop]");
    if (!place || place === dragged.closest("[data-drop]")) { return null; }
    const person = event.target.closest("[data-seat]");
    return person && place.dataset.drop !== "out" ? person : place;
  }

  function mark(found) {
    document.querySelectorAll(".composed-over").forEach(function (old) {
      if (old !== found) { old.classList.remove("composed-over"); }
    });
    if (found) { found.classList.add("composed-over"); }
  }

  function field(name, value) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    input.dataset.once = "yes";
    return input;
  }

  document.addEventListener("dragstart", function (event) {
    const person = event.target.closest && event.target.closest("[data-seat]");
    if (!person || !form()) { return; }
    dragged = person;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", person.querySelector(".composed-name").textContent.trim());
    person.classList.add("composed-dragged");
  });
  document.addEventListener("dragover", function (event) {
    const found = target(event);
    mark(found);
    if (found) { event.preventDefault(); }
  });
  document.addEventListener("drop", function (event) {
    const found = target(event);
    if (!found) { return; }
    event.preventDefault();
    const change = form();
    change.querySelectorAll("[data-once]").forEach(function (old) { old.remove(); });
    change.append(
      field("seat", dragged.dataset.seat),
      found.dataset.seat ? field("with", found.dataset.seat) : field("to", found.dataset.drop)
    );
    change.requestSubmit();
  });
  document.addEventListener("dragend", function () {
    if (dragged) { dragged.classList.remove("composed-dragged"); }
    dragged = null;
    mark(null);
  });

})();
