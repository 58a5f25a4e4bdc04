// Progressive touches: a form that is being answered says so and is not sent twice; counters; copying a link; focus on trouble.
(() => {
  "use strict";

  const say = (form, text) => {
    const status = form.querySelector("[data-status]");
    if (status) status.textContent = text;
  };

  const setBusy = (form, isBusy) => {
    form.dataset.sent = isBusy ? "yes" : "";
    form.setAttribute("aria-busy", String(isBusy));
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", String(isBusy));
    const skeleton = form.querySelector("[data-skeleton]");
    if (skeleton) skeleton.hidden = !isBusy;
    say(form, isBusy ? form.dataset.busy : "");
  };

  const isUnfilled = (form) => Array.from(form.querySelectorAll("[required]")).some((box) => !box.value.trim());

  for (const form of document.querySelectorAll("form[data-busy]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent === "yes") event.preventDefault();
      else if (!isUnfilled(form)) setBusy(form, true); // an empty box goes to the server, which says what is wrong
    });
  }

  // A page that comes back from the browser's cache is not busy any more.
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[data-busy]")) setBusy(form, false);
  });

  for (const counter of document.querySelectorAll("[data-counter-for]")) {
    const box = document.getElementById(counter.dataset.counterFor);
    const show = () => { counter.firstElementChild.textContent = String(box.value.length); };
    counter.hidden = false;
    box.addEventListener("input", show);
    show();
    // Enter sends, as in a one-line box; Shift+Enter makes a line.
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      box.form.requestSubmit();
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const box = document.getElementById(button.dataset.copy);
    const told = button.parentElement.querySelector("[data-copied]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      box.select();
      try {
        await navigator.clipboard.writeText(box.value);
      } catch {
        document.execCommand("copy"); // no clipboard API on plain http
      }
      told.textContent = "Link copied";
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy link"; told.textContent = ""; }, 2500);
    });
  }

  for (const place of document.querySelectorAll("[data-countdown]")) {
    let left = Number(place.dataset.countdown);
    const tick = setInterval(() => {
      left -= 1;
      place.textContent = String(Math.max(0, left));
      if (left <= 0) clearInterval(tick);
    }, 1000);
  }

  // Artwork that does not load leaves its plain tile.
  for (const image of document.querySelectorAll(".song__art img")) {
    const drop = () => image.remove();
    if (image.complete && !image.naturalWidth) drop();
    else image.addEventListener("error", drop);
  }

  document.querySelector("[data-focus]")?.focus();
})();
