// Follows the progress of a document and shows it when it is done.
"use strict";
(function () {
  var box = document.getElementById("progress");
  if (!box || !window.EventSource) { return; }
  var source = new EventSource("/api/v1/documents/" + box.dataset.document + "/events");
  var bar = box.querySelector("progress");
  var note = box.querySelector("[role=status]");
  source.addEventListener("progress", function (event) {
    var now = JSON.parse(event.data);
    if (now.total) {
      bar.max = now.total; bar.value = now.done;
      note.textContent = box.dataset.text.replace("{done}", now.done).replace("{total}", now.total);
    }
  });
  source.addEventListener("end", function () { source.close(); window.location.reload(); });
})();
