// Reads rules as lines of JSON on its input ({"rule", "starts", "until"}) and writes their dates, one line of JSON for each:
// what an independent reader of RFC 5545 makes of them. Tests only.
import { createInterface } from 'node:readline';
import ICAL from 'ical.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { rule, starts, until } = JSON.parse(line);
  const recur = ICAL.Recur.fromString(rule);
  const start = ICAL.Time.fromDateString(starts);
  const last = ICAL.Time.fromDateString(until);
  const dates = [];
  const iterator = recur.iterator(start);
  for (let at = iterator.next(), turns = 0; at && turns < 5000; at = iterator.next(), turns++) {
    if (at.compareDateOnlyTz(last, ICAL.Timezone.utcTimezone) > 0) break;
    dates.push(at.toString().slice(0, 10));
  }
  process.stdout.write(JSON.stringify(dates) + '\n');
}
