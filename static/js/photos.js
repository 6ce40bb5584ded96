// Photos: made small on the phone before they are sent, shown before and after. Without it everything still works.
(function () {
  "use strict";

  const LONG_SIDE = 1600;
  const QUALITY = 0.85;
  window.yiwang = window.yiwang || {};

  // An image that can be drawn, upright; rejects what the browser cannot read (HEIC on most).
  function decode(file) {
    if (window.createImageBitmap) {
      return window.createImageBitmap(file, { imageOrientation: "from-image" }).catch(function () { return decodeByElement(file); });
    }
    return decodeByElement(file);
  }
  function decodeByElement(file) {
    return new Promise(function (resolve, reject) {
      const address = URL.createObjectURL(file);
      const image = new Image();
      image.onload = function () { URL.revokeObjectURL(address); resolve(image); };
      image.onerror = function () { URL.revokeObjectURL(address); reject(new Error("unreadable")); };
      image.src = address;
    });
  }

  // Promise of the photo as a JPEG with a long side of at most 1600 pixels, without position and camera;
  // of the file itself where the browser cannot do it: the server decides then.
  window.yiwang.shrink = function (file) {
    return decode(file).then(function (image) {
      const width = image.naturalWidth || image.width;
      const height = image.naturalHeight || image.height;
      const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      if (image.close) { image.close(); }
      return new Promise(function (resolve) {
        canvas.toBlob(function (blob) {
          canvas.width = canvas.height = 0;  // old phones have little memory
          resolve(blob ? new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified }) : file);
        }, "image/jpeg", QUALITY);
      });
    }).catch(function () { return file; });
  };

  // --- The field of a form ---------------------------------------------------------------------------

  function canSetFiles() {
    try { return new DataTransfer() && "files" in HTMLInputElement.prototype; } catch (error) { return false; }
  }

  document.querySelectorAll("[data-photo-field]").forEach(function (field) {
    const input = field.querySelector("input[type=file]");
    const list = field.querySelector("[data-photo-list]");
    const status = field.querySelector("[data-photo-status]");
    const form = input.form;
    const most = Number(input.dataset.photos);
    let chosen = [];
    let working = 0;
    let waiting = null;  // the button by which the form was sent meanwhile

    if (!canSetFiles()) { return; }
    // A large button that says it in the page's language stands for the browser's own.
    field.querySelector("[data-photo-button]").hidden = false;
    input.classList.add("visually-hidden");

    function say(text) {
      status.textContent = text;
      status.hidden = !text;
    }
    function saved() {
      return field.querySelectorAll("[name=photos_removed]:not(:checked)").length;
    }
    function put() {
      const carrier = new DataTransfer();
      chosen.forEach(function (photo) { carrier.items.add(photo.file); });
      input.files = carrier.files;
      list.hidden = chosen.length === 0;
      say(chosen.length + saved() > most ? field.dataset.tooMany : "");
    }
    function show(photo) {
      const item = document.createElement("li");
      const image = document.createElement("img");
      const button = document.createElement("button");
      image.width = 120;
      image.height = 90;
      image.alt = field.dataset.chosen;
      image.src = URL.createObjectURL(photo.file);
      image.addEventListener("error", function () {  // not shown by this browser, or no photo: its name stands for it
        const name = document.createElement("span");
        name.className = "photo-unread";
        name.textContent = photo.name;
        image.replaceWith(name);
      });
      button.type = "button";
      button.className = "btn btn-secondary";
      button.textContent = field.dataset.remove;
      button.addEventListener("click", function () {
        URL.revokeObjectURL(image.src);
        chosen = chosen.filter(function (other) { return other !== photo; });
        item.remove();
        put();
        input.focus();
      });
      item.append(image, button);
      list.append(item);
    }

    input.addEventListener("change", function () {
      const files = Array.from(input.files);
      if (!files.length) { put(); return; }  // the chooser was left: what was chosen before stays
      working += 1;
      field.setAttribute("aria-busy", "true");
      say(field.dataset.preparing);
      // One after the other: nine decoded photos at once are too much for an old phone.
      files.reduce(function (before, file) {
        return before.then(function () { return window.yiwang.shrink(file); }).then(function (small) {
          const isThere = chosen.some(function (photo) { return photo.name === file.name && photo.size === file.size && photo.at === file.lastModified; });
          if (isThere) { return; }
          const photo = { file: small, name: file.name, size: file.size, at: file.lastModified };
          chosen.push(photo);
          show(photo);
        });
      }, Promise.resolve()).then(function () {
        working -= 1;
        if (working) { return; }
        field.removeAttribute("aria-busy");
        put();
        if (waiting !== null) {
          const by = waiting;
          waiting = null;
          form.requestSubmit(by || undefined);
        }
      });
    });
    field.addEventListener("change", function (event) {
      if (event.target.name === "photos_removed") { put(); }
    });

    // Sent before the photos are small: it goes as soon as they are.
    form.addEventListener("submit", function (event) {
      if (!working) { return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      waiting = event.submitter || false;
    });
    // An emptied form, as after a log was put into the outbox, has no photos.
    form.addEventListener("reset", function () {
      chosen = [];
      list.replaceChildren();
      window.setTimeout(put, 0);
    });
  });

  // --- Photos of a log, large over the page ------------------------------------------------------------

  const all = document.querySelectorAll("[data-photos-shown]");
  if (!all.length || !window.HTMLDialogElement) { return; }
  const words = document.getElementById("photo-words");
  const dialog = document.createElement("dialog");
  const image = document.createElement("img");
  const bar = document.createElement("div");
  let links = [];
  let at = 0;
  dialog.className = "photo-dialog";
  bar.className = "photo-dialog-bar";

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-secondary";
    made.textContent = text;
    made.addEventListener("click", act);
    bar.append(made);
    return made;
  }
  function turn(by) {
    at = (at + by + links.length) % links.length;
    image.src = links[at].href;
    image.alt = links[at].querySelector("img").alt;
    dialog.setAttribute("aria-label", image.alt);
  }
  const back = button(words ? words.dataset.back : "‹", function () { turn(-1); });
  const on = button(words ? words.dataset.on : "›", function () { turn(1); });
  button(words ? words.dataset.close : "×", function () { dialog.close(); });
  dialog.append(image, bar);
  document.body.append(dialog);
  dialog.addEventListener("click", function (event) { if (event.target === dialog) { dialog.close(); } });
  dialog.addEventListener("close", function () { image.removeAttribute("src"); });
  dialog.addEventListener("keydown", function (event) {
    if (event.key === "ArrowLeft") { turn(-1); }
    if (event.key === "ArrowRight") { turn(1); }
  });
  all.forEach(function (shown) {
    shown.addEventListener("click", function (event) {
      const link = event.target.closest("a[data-photo]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
      event.preventDefault();
      links = Array.from(shown.querySelectorAll("a[data-photo]"));
      at = links.indexOf(link);
      back.hidden = on.hidden = links.length < 2;
      turn(0);
      dialog.showModal();
    });
  });
})();
