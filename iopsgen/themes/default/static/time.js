// Time goes on between two builds: what is over leaves what is to come. Every page works without this.
(page => {
  const each = (selector, act) => page.querySelectorAll(selector).forEach(act);
  const passed = moment => Date.parse(moment) <= Date.now();
  const isEmpty = list => !list.querySelector(".event:not([hidden])");
  const go = () => {
    const past = page.querySelector("[data-past]");
    each("[data-end]", element => {
      if (!passed(element.dataset.end)) return;
      element.hidden = true;
      if (!past || !element.matches(".event")) return;
      element.removeAttribute("data-end");
      element.hidden = past.hidden = false;
      past.querySelector(".events").prepend(element);
    });
    each("[data-from]", element => { if (passed(element.dataset.from)) element.hidden = false; });
    each("[data-while]", list => { list.hidden = isEmpty(list); });
    each("[data-empty]", note => { note.hidden = !isEmpty(note.parentNode); });
  };
  go();
  setInterval(go, 60000);

  // The reader's own time beside that of the event, where their clocks differ.
  each("[data-local]", time => {
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
    const moment = new Date(time.dateTime);
    if (-moment.getTimezoneOffset() === (sign + 1) * (hours * 60 + +minutes)) return;
    const { lang, dataset } = page.documentElement;
    const own = page.createElement("span");
    own.className = "local";
    own.textContent = " · " + dataset.yours.replace("{}", moment.toLocaleTimeString(lang === "en" ? "en-GB" : lang, {
      weekday: moment.toLocaleDateString("sv") === time.dateTime.slice(0, 10) ? undefined : "long", hour: "numeric", minute: "2-digit"
    }));
    time.after(own);
  });
})(document);
