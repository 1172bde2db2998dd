// Small conveniences: every page works without them. This comes before the style, so that a chosen mode never flashes.
(page => {
  const root = page.documentElement;
  const night = matchMedia("(prefers-color-scheme: dark)");
  const each = (selector, act) => page.querySelectorAll(selector).forEach(act);
  const menus = "details.languages[open], details.drop[open]";
  const dark = () => root.dataset.colours === "dark" || (root.dataset.colours !== "light" && night.matches);

  // Private windows refuse to remember.
  if (root.dataset.colours === "auto") try { root.dataset.colours = localStorage.colours || "auto"; } catch (refused) { /* as it is */ }

  // What scrolls sideways can be reached by keyboard. The style must be there before one can measure.
  const reach = () => each(".prose pre, .prose table", box => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  addEventListener("load", reach);
  addEventListener("resize", reach);

  page.addEventListener("DOMContentLoaded", () => {
    const shown = (selector, act) => each(selector, button => {
      button.hidden = false;
      button.addEventListener("click", () => act(button));
    });

    // Light or dark. Choosing what the system has anyway forgets the choice.
    const show = () => each("[data-switch]", button => button.setAttribute("aria-pressed", dark()));
    night.addEventListener("change", show);
    shown("[data-switch]", () => {
      const mode = dark() ? "light" : "dark";
      root.dataset.colours = (mode === "dark") === night.matches ? "auto" : mode;
      try { localStorage.colours = root.dataset.colours; } catch (refused) { /* as above */ }
      show();
    });
    show();

    // Copy the address of a feed.
    if (navigator.clipboard) shown("[data-copy]", button => navigator.clipboard.writeText(button.dataset.copy).then(() => {
      const word = button.querySelector("span");
      const before = word.textContent;
      if (before === button.dataset.done) return;
      word.textContent = button.dataset.done;
      setTimeout(() => { word.textContent = before; }, 2500);
    }));

    // Print a flyer on the paper that is chosen.
    shown("[data-print]", () => print());

    // The time it took to write tells people from programs.
    each("[data-elapsed]", field => field.form.addEventListener("submit", () => { field.value = Math.round(performance.now()); }));

    // Today in the month.
    each('[data-day="' + new Date().toLocaleDateString("sv") + '"]', cell => {
      cell.className = "today";
      cell.querySelector("time").setAttribute("aria-current", "date");
    });

    // Arrow keys go from day to day, Home and End to the ends of a week, Page Up and Down to the months beside this one.
    each(".grid", grid => {
      const days = [...grid.querySelectorAll("[data-day]")];
      const ahead = root.dir === "rtl" ? -1 : 1;
      const choose = chosen => days.forEach(day => { day.tabIndex = day === chosen ? 0 : -1; });
      grid.setAttribute("role", "grid");
      choose(grid.querySelector(".today") || days[0]);
      grid.addEventListener("keydown", event => {
        const here = event.target.closest("[data-day]");
        if (!here || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const week = here.parentNode.querySelectorAll("[data-day]");
        const step = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: 7, ArrowUp: -7 }[event.key];
        const to = { Home: week[0], End: week[week.length - 1] }[event.key] || days[days.indexOf(here) + step];
        const month = page.querySelector("main a[rel=" + ({ PageUp: "prev", PageDown: "next" }[event.key] || "none") + "]");
        if (!to && !month) return;
        event.preventDefault();
        if (month) return month.click();
        choose(to);
        to.focus();
      });
    });
  });

  page.addEventListener("click", event => {
    const target = event.target;
    // Menus close on Escape and on a click elsewhere.
    each(menus, menu => { menu.open = menu.contains(target); });
    const link = target.closest("a[data-embed], a[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // A film or a map from elsewhere comes only when it is asked for.
    if (link.dataset.embed) {
      event.preventDefault();
      const frame = page.createElement("iframe");
      frame.src = link.dataset.embed;
      frame.title = link.textContent;
      frame.allowFullscreen = true;
      link.replaceWith(frame);
      frame.focus();
      return;
    }
    // "Reply" chooses in the form whom one answers; in a long discussion the form offers only the latest comments.
    const choice = page.getElementById("write-parent");
    const body = page.getElementById("write-body");
    const id = link.dataset.reply;
    if (!body || link.hash !== "#write") return;
    if (choice) choice.value = id;
    if (choice && choice.value !== id) choice.add(new Option(link.textContent, id, true, true));
    setTimeout(() => body.focus());
  });
  page.addEventListener("keydown", event => {
    const menu = event.key === "Escape" && page.activeElement.closest(menus);
    if (event.key === "Escape") each(menus, one => { one.open = false; });
    if (menu) menu.querySelector("summary").focus();
  });
})(document);
