// Loads a page of the preview again when what it shows changed, and shows what is wrong with the site meanwhile.
(function () {
  "use strict";
  var mark = document.currentScript.getAttribute("data-mark");
  var place = "/.iopsgen/";
  var source = null;
  var wanted = "";

  function box() { return document.getElementById("iopsgen-problems"); }
  function shown() { return box() ? box().getAttribute("data-mark") : ""; }

  function show(html) {
    var old = box();
    var fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (old) old.remove();
    document.body.appendChild(fresh.content);
  }

  // The newest answer wins, whichever comes first.
  function learn(name) {
    wanted = name;
    if (name === shown()) return;
    if (!name) { show(""); return; }
    fetch(place + "problems.html", { cache: "no-store" })
      .then(function (answer) { return answer.text(); })
      .then(function (html) { if (wanted === name) show(html); })
      .catch(function () { /* the preview has ended; the next connection asks again */ });
  }

  function listen() {
    if (source || document.hidden) return;
    source = new EventSource(place + "events?page=" + encodeURIComponent(location.pathname) + "&mark=" + encodeURIComponent(mark));
    source.addEventListener("reload", function () { rest(); location.reload(); });
    source.addEventListener("problems", function (event) { learn(event.data); });
    source.onerror = function () { // a lost connection comes back by itself, a refused one does not
      if (source && source.readyState === 2) { rest(); setTimeout(listen, 2000); }
    };
  }

  // A browser keeps only six connections to one place: pages that nobody looks at give theirs back, and ask again when looked at.
  function rest() {
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", function () { if (document.hidden) rest(); else listen(); });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", listen);
  listen();
})();
