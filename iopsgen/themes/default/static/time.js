// Time goes on between two builds of a site. Every page is whole without this; with it no event is shown as still to come once it is over.
(function (page) {
  "use strict";
  function each(selector, act) {
    Array.prototype.forEach.call(page.querySelectorAll(selector), act);
  }
  function passed(element, name) {
    return Date.parse(element.getAttribute(name)) <= Date.now();
  }
  function isEmpty(list) {
    return !list.querySelector(".event:not([hidden])");
  }
  function go() {
    var past = page.querySelector("[data-past]");
    each("[data-end]", function (element) {
      if (!passed(element, "data-end")) return;
      element.hidden = true;
      if (!past || !element.matches(".event")) return;
      element.removeAttribute("data-end");
      element.hidden = past.hidden = false;
      past.querySelector(".events").prepend(element);
    });
    each("[data-from]", function (element) {
      if (passed(element, "data-from")) element.hidden = false;
    });
    each("[data-while]", function (list) { list.hidden = isEmpty(list); });
    each("[data-empty]", function (note) { note.hidden = !isEmpty(note.parentNode); });
  }
  go();
  setInterval(go, 60000);

  // The reader's own time beside that of the event, where their clocks differ.
  each("[data-local]", function (time) {
    var written = time.getAttribute("datetime");
    var there = /([+-])(\d\d):(\d\d)$/.exec(written);
    var moment = new Date(written);
    if (!there || -moment.getTimezoneOffset() === (there[1] + 1) * (there[2] * 60 + +there[3])) return;
    var own = page.createElement("span");
    var root = page.documentElement;
    own.className = "local";
    own.textContent = " " + root.getAttribute("data-yours").replace("{}", moment.toLocaleTimeString(root.lang === "en" ? "en-GB" : root.lang, {
      weekday: moment.toLocaleDateString("sv") === written.slice(0, 10) ? undefined : "long", hour: "numeric", minute: "2-digit"
    }));
    time.after(own);
  });
})(document);
