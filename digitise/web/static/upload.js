// Sends each file on its own through the API, shows its progress, and keeps what failed in the list.
"use strict";
(function () {
  var form = document.getElementById("upload");
  var input = document.getElementById("file");
  var drop = document.getElementById("drop");
  var list = document.getElementById("live");
  if (!form || !window.XMLHttpRequest || !window.FormData || !window.EventSource) { return; }
  var words = form.dataset;
  var queue = [];
  var busy = 0;
  var AT_ONCE = 2; // more only share the same line of the office

  function add(tag, className, text, parent) {
    var element = document.createElement(tag);
    if (className) { element.className = className; }
    element.textContent = text || "";
    parent.appendChild(element);
    return element;
  }

  function row(file) {
    var item = add("li", "", "", list);
    var one = { file: file, item: item, name: add("span", "name", file.name, item), note: add("p", "", words.queued, item) };
    one.bar = document.createElement("progress");
    one.bar.max = 100; one.bar.value = 0; one.bar.setAttribute("aria-label", file.name);
    item.appendChild(one.bar);
    return one;
  }

  function failed(one, sentence, again) {
    one.item.className = "bad"; one.note.textContent = sentence;
    if (one.bar.parentNode) { one.bar.remove(); }
    if (again) {
      var button = add("button", "second", words.retry, one.item);
      button.type = "button";
      button.addEventListener("click", function () { one.item.remove(); enqueue([one.file]); });
    }
  }

  function watch(one, id) {
    var source = new EventSource("/api/v1/documents/" + id + "/events");
    source.addEventListener("progress", function (event) {
      var now = JSON.parse(event.data);
      if (now.total) { one.bar.max = now.total; one.bar.value = now.done; }
      one.note.textContent = now.step === "reading" ? words.reading.replace("{done}", now.done).replace("{total}", now.total) : words[now.step];
    });
    source.addEventListener("end", function (event) {
      var now = JSON.parse(event.data);
      source.close();
      one.bar.remove();
      one.item.className = now.step === "failed" ? "bad" : one.item.className || "good";
      one.note.textContent = words[now.step];
    });
  }

  function sent(one, answer, status) {
    var link = document.createElement("a");
    link.href = "/documents/" + answer.id; link.className = "name"; link.textContent = one.file.name;
    one.item.replaceChild(link, one.name);
    (answer.warning_texts || []).forEach(function (text) {
      one.item.className = "doubt";
      var line = add("p", "", "", one.item);
      add("strong", "", words.warning + ": ", line);
      line.appendChild(document.createTextNode(text));
    });
    if (answer.scan_check && !answer.warning_texts.length && status === 201) { add("p", "soft", words.passed, one.item); }
    (answer.note_texts || []).forEach(function (text) { add("p", "soft", text, one.item); });
    if (status === 200) { one.item.className = "good"; one.note.textContent = words.existing; one.bar.remove(); return; }
    one.note.textContent = words.queued;
    one.bar.removeAttribute("value");
    watch(one, answer.id);
  }

  function send(one) {
    var data = new FormData();
    new FormData(form).forEach(function (value, name) { if (name !== "file" && value) { data.append(name, value); } });
    data.append("file", one.file, one.file.name);
    var request = new XMLHttpRequest();
    request.open("POST", "/api/v1/documents");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) { return; }
      var percent = Math.round(event.loaded / event.total * 100);
      one.bar.value = percent;
      one.note.textContent = words.sending.replace("{percent}", percent);
    });
    request.addEventListener("load", function () {
      busy -= 1;
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (ignored) { answer = {}; }
      if (request.status === 200 || request.status === 201) { sent(one, answer, request.status); }
      else { failed(one, answer.detail || words.network, request.status >= 500 || request.status === 0); }
      next();
    });
    request.addEventListener("error", function () { busy -= 1; failed(one, words.network, true); next(); });
    request.send(data);
  }

  function next() {
    while (busy < AT_ONCE && queue.length) { busy += 1; send(queue.shift()); }
  }

  function enqueue(files) {
    document.getElementById("live-block").hidden = false;
    Array.prototype.forEach.call(files, function (file) { queue.push(row(file)); });
    next();
  }

  form.addEventListener("submit", function (event) {
    if (!input.files.length) { return; }
    event.preventDefault();
    enqueue(input.files);
    input.value = "";
  });
  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    document.addEventListener(name, function (event) { event.preventDefault(); drop.classList.remove("over"); });
  });
  document.addEventListener("drop", function (event) { if (event.dataTransfer.files.length) { enqueue(event.dataTransfer.files); } });
  window.addEventListener("beforeunload", function (event) { if (busy) { event.preventDefault(); } });
})();
