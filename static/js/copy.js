// A text to take along into a group: one button copies it. Without scripts it is selected by hand.
(function () {
  "use strict";

  async function copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch (refused) {  // no TLS, or an old browser in a chat app
      field.focus();
      field.select();
      return document.execCommand("copy");
    }
  }

  function offer(page) {
    page.querySelectorAll(".js-only[hidden]").forEach(function (part) {
      if (part.querySelector("[data-copy]")) { part.hidden = false; }
    });
  }

  offer(document);
  document.addEventListener("htmx:load", function (event) { offer(event.target); });

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-copy]");
    const field = button && document.getElementById(button.dataset.copy);
    if (!field) { return; }
    if (await copy(field)) {
      const label = button.querySelector("span") || button;
      label.textContent = button.dataset.copied;
    }
  });
})();
