// Escape puts the explanation of a tile away until the pointer or the focus goes elsewhere.
(function () {
  "use strict";

  const page = document.body.classList;
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { page.add("board-hush"); }
  });
  ["focusin", "mouseover"].forEach(function (moved) {
    document.addEventListener(moved, function () { page.remove("board-hush"); });
  });
})();
