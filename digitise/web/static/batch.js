// Reads the page of a batch again until nothing is open.
"use strict";
(function () {
  function again() {
    var box = document.getElementById("batch");
    if (!box || box.dataset.open === "0") { return; }
    fetch(box.dataset.address, { headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) {
        var fresh = html && new DOMParser().parseFromString(html, "text/html").getElementById("batch");
        if (fresh) { box.replaceWith(fresh); }
      })
      .finally(function () { setTimeout(again, 1500); });
  }
  setTimeout(again, 1500);
})();
