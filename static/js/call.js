// A call that was answered: a typed start and a tapped length exclude each other. Without it the start wins.
(function () {
  "use strict";

  const form = document.querySelector(".log-form");
  if (!form || !form.elements.duration) { return; }
  const lengths = Array.from(form.querySelectorAll("[name=duration]"));
  form.elements.starts.addEventListener("input", function () {
    lengths.forEach(function (length) { length.checked = false; });
  });
  lengths.forEach(function (length) {
    length.addEventListener("change", function () { form.elements.starts.value = ""; });
  });
})();
