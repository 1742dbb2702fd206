// The little that pages do by themselves. Everything works without it; nothing is written into pages as script.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");

  document.addEventListener("change", function (event) {
    const field = event.target;
    if (field.matches("select[data-submit]")) field.form.submit();
    if (field.matches("[data-all]")) {
      for (const box of field.closest("table").querySelectorAll("[name=rowid]")) {
        box.checked = field.checked;
        box.closest("tr").classList.toggle("on", field.checked);
      }
    }
    if (field.matches("[name=rowid]")) field.closest("tr").classList.toggle("on", field.checked);
  });

  // One open menu at a time; Escape and a click elsewhere close it.
  document.addEventListener("click", function (event) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const search = document.getElementById("q");
    if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    const wrong = document.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
  });
})();
