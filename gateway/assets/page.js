// What plain HTML cannot do, and nothing else: every page works without this file.
"use strict";
(function () {
  // Moves the focus to the summary of mistakes, so that it is read first.
  function announce() {
    var summary = document.getElementById("erreurs");
    if (summary) summary.focus();
  }
  // One click, one act: a form that was sent is not sent again by a second click.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest) return;
    if (event.target.closest("[data-print]")) window.print();
    var copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent).then(function () {
      copy.nextElementSibling.textContent = copy.dataset.done;
    });
  });
  // Only where a script may copy is there a button for it.
  if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(function (button) { button.hidden = false; });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
  announce();
})();
