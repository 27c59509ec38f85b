// Small comforts; every page works without them.
"use strict";
(function () {
  // The error summary takes the focus; its links move into the field they name.
  var summary = document.getElementById("error-summary");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", function (event) {
      var link = event.target.closest("a");
      var field = link && document.getElementById(link.getAttribute("href").slice(1));
      if (field) { event.preventDefault(); field.scrollIntoView({ block: "center" }); field.focus(); }
    });
  }
  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-many")) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 5000);
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  document.querySelectorAll("[data-check-all]").forEach(function (box) {
    box.closest("label").hidden = false;
    box.addEventListener("change", function () {
      box.form.querySelectorAll("input[name='" + box.dataset.checkAll + "']").forEach(function (one) { one.checked = box.checked && !one.disabled; });
    });
  });
})();
