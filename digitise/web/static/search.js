// Search as you type: the same results, fetched as a fragment. Identifiers are never put into an address.
"use strict";
(function () {
  var form = document.getElementById("search");
  var box = document.getElementById("q");
  var results = document.getElementById("results");
  if (!form || !box || !window.fetch || !window.AbortController) { return; }
  var timer = null;
  var running = null;
  results.setAttribute("aria-live", "polite");

  function address() {
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (value) { query.set(name, value); } });
    return query;
  }

  function look() {
    if (/(^|\D)(\d{9}|\d{12})(\D|$)/.test(box.value)) { return; }
    if (running) { running.abort(); }
    running = new AbortController();
    var query = address();
    var shown = "/search" + (String(query) ? "?" + query : "");
    query.set("fragment", "true");
    fetch("/search?" + query, { signal: running.signal, headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) {
        if (html === null) { return; }
        results.innerHTML = html;
        history.replaceState(null, "", shown);
      })
      .catch(function () { /* aborted, or offline: the button still works */ });
  }

  box.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(look, 250); });
  form.addEventListener("change", function (event) { if (event.target !== box) { look(); } });
})();
