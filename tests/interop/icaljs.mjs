// Reads calendars with ical.js: one JSON request on standard input, one JSON answer on standard output.
// {"ics": …, "walls": [[first, step, count], …]}  -> offsets of local times, in seconds, of the calendar's first zone
// {"calendars": […], "from": …, "to": …}          -> of each, every occurrence that starts within these UTC moments (ISO 8601)
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const request = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(request.walls ? offsets(read(request.ics)) : request.calendars.map(read).map(occurrences)));

function read(ics) {
  return new ICAL.Component(ICAL.parse(ics));
}

// As runs, [first, offset] each, since a zone seldom shifts.
function offsets(root) {
  const zone = new ICAL.Timezone(root.getFirstSubcomponent("vtimezone"));
  const runs = [];
  for (const [first, step, count] of request.walls) {
    let last = null;
    for (let i = 0; i < count; i++) {
      const wall = new Date((first + i * step) * 1000);
      const offset = zone.utcOffset(new ICAL.Time({
        year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate(),
        hour: wall.getUTCHours(), minute: wall.getUTCMinutes(), second: wall.getUTCSeconds(),
      }));
      if (offset !== last) runs.push([first + i * step, last = offset]);
    }
  }
  return runs;
}

function occurrences(root) {
  const [from, to] = [Date.parse(request.from), Date.parse(request.to)];
  const events = root.getAllSubcomponents("vevent");
  const found = [];
  for (const master of events.filter((c) => !c.hasProperty("recurrence-id"))) {
    const uid = master.getFirstPropertyValue("uid");
    const exceptions = events.filter((c) => c.hasProperty("recurrence-id") && c.getFirstPropertyValue("uid") === uid);
    const event = new ICAL.Event(master, { exceptions, strictExceptions: true });
    if (!event.isRecurring()) {
      add(event, event.startDate, event.endDate);
      continue;
    }
    const times = event.iterator();
    for (let next = times.next(), n = 0; next && next.toUnixTime() * 1000 < to && n < 50000; next = times.next(), n++) {
      const one = event.getOccurrenceDetails(next);
      add(one.item, one.startDate, one.endDate);
    }
  }
  return found;

  function add(event, start, end) {
    const at = start.toUnixTime() * 1000;
    if (at < from || at >= to) return;
    const say = (time) => (time.isDate ? time.toString() : new Date(time.toUnixTime() * 1000).toISOString().slice(0, 16) + "Z");
    const text = (name) => event.component.getFirstPropertyValue(name) || "";
    found.push({
      uid: event.uid, start: say(start), end: say(end), summary: text("summary"), status: text("status"),
      description: text("description"), location: text("location"),
    });
  }
}
