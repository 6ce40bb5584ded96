// What the pages do beyond links and forms. Without it everything still works.
(function () {
  "use strict";

  // A form with data-confirm asks in the page's dialog before it is sent.
  const dialog = document.getElementById("confirm");
  let asked = null;
  document.addEventListener("submit", function (event) {
    const form = event.target;
    const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
    if (!question || form === asked || !dialog || !dialog.showModal) {
      return;
    }
    event.preventDefault();
    const submitter = event.submitter;
    const proceed = dialog.querySelector("[data-proceed]");
    dialog.querySelector("#confirm-text").textContent = question;
    proceed.textContent = form.dataset.confirmButton || (submitter && submitter.textContent.trim()) || proceed.textContent;
    proceed.onclick = function () {
      dialog.close();
      asked = form;
      form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
      asked = null;
    };
    dialog.showModal();
    dialog.querySelector("[data-close]").focus();
  });
  if (dialog) {
    dialog.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
  }

  // A second press while a form is on its way would send it twice.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    // A download leaves the page where it is: it may be wanted once more.
    if ("download" in ((event.submitter && event.submitter.dataset) || {}) || "download" in form.dataset) {
      window.setTimeout(function () { release(form); }, 2000);
    }
  });
  function release(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  // Rows typed and not saved yet (rows.js) are the signed-in account's: township computers are shared.
  document.addEventListener("submit", function (event) {
    if (!event.target.action || !event.target.action.endsWith("/sign-out/")) { return; }
    try {
      Object.keys(sessionStorage).forEach(function (key) {
        if (key.startsWith("yiwang.rows.")) { sessionStorage.removeItem(key); }
      });
    } catch (refused) { /* nothing was stored then */ }
  });

  // Menus close on a click elsewhere and on Escape.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // The summary of a form's errors gets the focus, so that it is read first.
  const summary = document.querySelector("[data-focus]");
  if (summary) { summary.focus(); }

  // On a phone the tab that is open may stand outside of the row.
  document.querySelectorAll(".tabs > [aria-current]").forEach(function (tab) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });

  // Characters left in a text with data-count.
  document.querySelectorAll("[data-count]").forEach(function (box) {
    const limit = Number(box.dataset.count);
    const left = document.createElement("output");
    left.className = "counter";
    left.htmlFor = box.id;
    function show() {
      const length = Array.from(box.value).length;
      left.textContent = length + " / " + limit;
      left.classList.toggle("counter-over", length > limit);
      left.hidden = length < limit * 0.7;
    }
    box.addEventListener("input", show);
    box.after(left);
    show();
  });

  // A refresh that failed is said, not swallowed.
  const trouble = document.getElementById("trouble");
  function showTrouble(shown) { if (trouble) { trouble.hidden = !shown; } }
  document.addEventListener("htmx:sendError", function () { showTrouble(true); });
  document.addEventListener("htmx:responseError", function () { showTrouble(true); });
  document.addEventListener("htmx:afterSwap", function () { showTrouble(false); });
})();
