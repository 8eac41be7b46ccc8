// Reads an iCalendar on its input and writes its events as JSON: UID, start, end, summary, status. Tests only.
import { text } from 'node:stream/consumers';
import ICAL from 'ical.js';

const calendar = new ICAL.Component(ICAL.parse(await text(process.stdin)));
const events = calendar.getAllSubcomponents('vevent').map((one) => {
  const event = new ICAL.Event(one);
  return {
    uid: event.uid, summary: event.summary, location: event.location, status: one.getFirstPropertyValue('status'),
    start: event.startDate.toJSDate().toISOString(), end: event.endDate.toJSDate().toISOString(),
  };
});
process.stdout.write(JSON.stringify(events));
