// Says while somebody types whether the rows share out every household.
(function () {
  "use strict";
  document.querySelectorAll("[data-parts-sum]").forEach(function (output) {
    const form = output.closest("form");
    const total = Number(output.dataset.partsSum);
    const boxes = form.querySelectorAll('input[name^="households_"]');
    function show() {
      let sum = 0;
      boxes.forEach(function (box) { sum += Number(box.value) || 0; });
      const missing = total - sum;
      output.textContent = sum + " / " + total + " · " + (missing === 0 ? output.dataset.enough
        : (missing > 0 ? output.dataset.missing : output.dataset.over) + " " + Math.abs(missing));
      output.classList.toggle("is-enough", missing === 0);
      output.classList.toggle("is-off", missing !== 0);
    }
    boxes.forEach(function (box) { box.addEventListener("input", show); });
    show();
  });
})();
