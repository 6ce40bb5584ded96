// The intake desk: Ctrl+Enter saves, and the words to send are copied by one press. Without it everything still works.
(function () {
  "use strict";

  document.addEventListener("keydown", function (event) {
    const save = document.querySelector("[data-save]");
    if (save && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save.form.requestSubmit(save);
    }
  });

  document.querySelectorAll("[data-copies]").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim()).then(function () {
        button.querySelector("span").textContent = button.dataset.copied;
      });
    });
  });
})();
