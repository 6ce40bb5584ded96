// The pager looks for news by itself, never under the finger or while something is typed. Without it one reloads.
(function () {
  "use strict";

  const SETTLE = 800; // milliseconds in which the second half of a double tap would meet the next step's button
  let swapped = 0;

  function isBusy() {
    const at = document.activeElement;
    return document.hidden
      || Boolean(at && at.matches("input:not([type=hidden]), textarea, select"))
      || Boolean(document.querySelector("dialog[open], main details[open]"))
      || Boolean(window.getSelection && String(window.getSelection()));
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    const asking = event.detail.elt;
    if (asking.hasAttribute("data-needs") && isBusy()) { event.preventDefault(); }
  });
  document.addEventListener("htmx:afterSwap", function () { swapped = Date.now(); });
  document.addEventListener("click", function (event) {
    if (Date.now() - swapped < SETTLE && event.target.closest("[data-taps]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  // Back from a call, or the network is there again: look at once.
  function lookAgain() {
    const needs = document.querySelector("[data-needs]");
    if (needs && window.htmx && !document.hidden) { window.htmx.trigger(needs, "look-again"); }
  }
  document.addEventListener("visibilitychange", lookAgain);
  window.addEventListener("online", lookAgain);
})();
