// Small conveniences. Every page works without them; this file comes before the style so that a chosen mode never flashes.
(function () {
  "use strict";
  var root = document.documentElement;
  var night = window.matchMedia("(prefers-color-scheme: dark)");
  var offered = root.getAttribute("data-colours") === "auto";

  function remember(mode) {
    try {
      if (mode) localStorage.setItem("colours", mode);
      else localStorage.removeItem("colours");
    } catch (refused) { /* private windows may refuse: the choice then lasts for this page */ }
  }
  function remembered() {
    try { return localStorage.getItem("colours"); } catch (refused) { return null; }
  }
  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }
  function dark() {
    var mode = root.getAttribute("data-colours");
    return mode === "dark" || (mode !== "light" && night.matches);
  }

  if (offered && /^(light|dark)$/.test(remembered() || "")) root.setAttribute("data-colours", remembered());

  // What scrolls sideways can be reached by keyboard. The style must be there before one can measure.
  function reach() {
    each(".prose pre, .prose table", function (box) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }
  window.addEventListener("load", reach);
  window.addEventListener("resize", reach);

  document.addEventListener("DOMContentLoaded", function () {
    // Light or dark. Choosing what the system has anyway forgets the choice.
    each("[data-switch]", function (button) {
      function show() { button.setAttribute("aria-pressed", String(dark())); }
      button.hidden = false;
      show();
      night.addEventListener("change", show);
      button.addEventListener("click", function () {
        var mode = dark() ? "light" : "dark";
        var system = (mode === "dark") === night.matches;
        root.setAttribute("data-colours", system ? "auto" : mode);
        remember(system ? "" : mode);
        show();
      });
    });

    // Copy the address of a feed.
    if (navigator.clipboard) each("[data-copy]", function (button) {
      var word = button.querySelector("span");
      var before = word.textContent;
      word.setAttribute("aria-live", "polite");
      button.hidden = false;
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(button.getAttribute("data-copy")).then(function () {
          word.textContent = button.getAttribute("data-done");
          setTimeout(function () { word.textContent = before; }, 2500);
        });
      });
    });

    // Print a flyer on the paper that is chosen.
    each("[data-print]", function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });

    // A film or a map from elsewhere comes only when it is asked for.
    each("a[data-embed]", function (link) {
      link.addEventListener("click", function (event) {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        var frame = document.createElement("iframe");
        frame.src = link.getAttribute("data-embed");
        frame.title = link.textContent;
        frame.allowFullscreen = true;
        link.parentNode.replaceChild(frame, link);
        frame.focus();
      });
    });

    // "Reply" chooses in the form whom one answers; the form of a long discussion offers only the latest comments.
    document.addEventListener("click", function (event) {
      var link = event.target.closest && event.target.closest('a[data-reply][href="#write"]');
      var choice = document.getElementById("write-parent");
      var body = document.getElementById("write-body");
      if (!link || !body) return;
      var id = link.getAttribute("data-reply");
      if (choice) {
        choice.value = id;
        if (choice.value !== id) choice.add(new Option(link.textContent, id, true, true));
      }
      setTimeout(function () { body.focus(); }, 0);
    });

    // How long somebody took to write tells people from programs.
    each("[data-elapsed]", function (field) {
      field.form.addEventListener("submit", function () { field.value = String(Math.round(performance.now())); });
    });

    // Today in the month.
    var now = new Date();
    var today = now.getFullYear() + "-" + ("0" + (now.getMonth() + 1)).slice(-2) + "-" + ("0" + now.getDate()).slice(-2);
    each('[data-day="' + today + '"]', function (cell) {
      cell.className = "today";
      cell.querySelector("time").setAttribute("aria-current", "date");
    });

    // Arrow keys go from day to day, Home and End to the ends of a week, Page Up and Page Down to the months beside this one.
    each(".grid", function (grid) {
      var days = Array.prototype.slice.call(grid.querySelectorAll("[data-day]"));
      var ahead = root.dir === "rtl" ? -1 : 1;
      var steps = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: 7, ArrowUp: -7 };
      grid.setAttribute("role", "grid");
      days.forEach(function (day) { day.tabIndex = -1; });
      (grid.querySelector(".today") || days[0]).tabIndex = 0;
      grid.addEventListener("keydown", function (event) {
        var here = event.target.closest("[data-day]");
        var week = here && here.parentNode.querySelectorAll("[data-day]");
        if (!week || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        var beside = { PageUp: "prev", PageDown: "next" }[event.key];
        var link = beside && document.querySelector("main a[rel=" + beside + "]");
        var to = { Home: week[0], End: week[week.length - 1] }[event.key] || days[days.indexOf(here) + steps[event.key]];
        if (link || to) event.preventDefault();
        if (link) link.click();
        else if (to) {
          days.forEach(function (day) { day.tabIndex = day === to ? 0 : -1; });
          to.focus();
        }
      });
    });

    // Open menus close on Escape and on a click elsewhere.
    function close(except) {
      each("details.languages[open], details.drop[open]", function (menu) {
        if (!except || !menu.contains(except)) menu.open = false;
      });
    }
    document.addEventListener("click", function (event) { close(event.target); });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      var menu = document.activeElement.closest("details.languages[open], details.drop[open]");
      close();
      if (menu) menu.querySelector("summary").focus();
    });
  });
})();
