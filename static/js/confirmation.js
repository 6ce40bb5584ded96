// The code of a slip from behind the #, where the QR code puts it: browsers do not send that part, so it stands in no
// log. Without JavaScript the code is typed. And the button that prints slips.
(function () {
  "use strict";

  const form = document.getElementById("confirmation-code");
  if (form) {
    const code = decodeURIComponent(location.hash.slice(1)).slice(0, 40);
    if (code) {
      history.replaceState(null, "", location.pathname);
      form.elements.code.value = code;
      form.requestSubmit();
    }
  }
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }
})();
