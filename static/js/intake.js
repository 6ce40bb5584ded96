// The intake desk: Ctrl+Enter saves from anywhere in the form.
(function () {
  "use strict";

  document.addEventListener("keydown", function (event) {
    const save = document.querySelector("[data-save]");
    if (save && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save.form.requestSubmit(save);
    }
  });
})();
