// Ticking rows of a list: the whole page at once, how many are ticked, and "all found" instead of single rows.
// Without it every row is ticked by hand; the form is the same.
(function () {
  "use strict";

  function ticks() { return Array.from(document.querySelectorAll('input[name="key"][form="bulk"]')); }

  function show() {
    const form = document.querySelector("[data-bulk]");
    if (!form) { return; }
    const rows = ticks();
    const all = form.querySelector("[data-bulk-all]");
    const ticked = rows.filter(function (tick) { return tick.checked; }).length;
    rows.forEach(function (tick) { tick.disabled = all.checked; });
    const page = document.querySelector("[data-bulk-page]");
    if (page) {
      page.hidden = false;
      page.disabled = all.checked;
      page.checked = ticked > 0 && ticked === rows.length;
      page.indeterminate = ticked > 0 && ticked < rows.length;
    }
    const count = form.querySelector("[data-bulk-count]");
    count.textContent = count.dataset.bulkWords + " " + (all.checked ? all.nextElementSibling.textContent : ticked);
    form.classList.toggle("bulk-chosen", all.checked || ticked > 0);
    form.querySelectorAll("button").forEach(function (button) { button.disabled = !all.checked && !ticked; });
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-bulk-page]")) {
      ticks().forEach(function (tick) { tick.checked = event.target.checked; });
    }
    if (event.target.matches('[data-bulk-page], [data-bulk-all], [form="bulk"]')) { show(); }
  });
  document.addEventListener("htmx:afterSwap", show);
  window.addEventListener("pageshow", show);
  show();
})();
