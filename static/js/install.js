// One quiet line on the leader's home where the browser offers to put Yiwang on the phone's home screen.
(function () {
  "use strict";

  const hint = document.getElementById("install-hint");
  const DISMISSED = "yiwang-install-dismissed";
  if (!hint || localStorage.getItem(DISMISSED)) { return; }
  window.addEventListener("beforeinstallprompt", function (event) {
    event.preventDefault();
    hint.hidden = false;
    hint.querySelector("[data-install]").onclick = function () {
      event.prompt();
      hint.hidden = true;
    };
  });
  hint.querySelector("[data-dismiss]").addEventListener("click", function () {
    localStorage.setItem(DISMISSED, "yes");
    hint.hidden = true;
  });
})();
