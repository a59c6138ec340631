// Numbers and times as text.

const counts = new Intl.NumberFormat("en");
const NO_TIME = "0001-01-01T00:00:00Z";

export const formatCount = (count) => counts.format(count);

// "0/s", "0.25/s", "12.5/s", "1,234/s"
export function formatRate(perSecond) {
  if (perSecond <= 0) return "0/s";
  if (perSecond < 1) return `${perSecond.toFixed(2)}/s`;
  return perSecond < 100 ? `${perSecond.toFixed(1)}/s` : `${formatCount(Math.round(perSecond))}/s`;
}

// The two largest units, rounded down: "59 s", "1 min 5 s", "2 h 0 min", "3 d 4 h".
export function formatSpan(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${counts.format(Math.floor(whole / 86400))} d ${Math.floor((whole % 86400) / 3600)} h`;
}

// A time of a document as milliseconds, or null for "no time".
export const parseTime = (text) => (!text || text === NO_TIME ? null : Date.parse(text));

// "2026-01-31 12:00:00", where the reader is.
export function formatTime(milliseconds) {
  if (milliseconds === null) return "-";
  const date = new Date(milliseconds);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

// How long ago, or in how long.
export function formatAge(milliseconds, now) {
  if (milliseconds === null) return "never";
  const seconds = (now - milliseconds) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0 ? `${formatSpan(seconds)} ago` : `in ${formatSpan(-seconds)}`;
}

// A name for people: the empty one can be seen, and one that is no text says what it is.
export function formatName(reference) {
  if (reference.name_base64 !== undefined) return `base64:${reference.name_base64}`;
  return reference.name === "" ? "(empty name)" : reference.name;
}
