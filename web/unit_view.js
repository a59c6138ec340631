// One work unit: what it holds, and its attempts over time.

import { daemonNow, get, put } from "/dashboard/api.js";
import { action, h, notify, rowOf, setText, svg, table } from "/dashboard/dom.js";
import { formatName, formatSpan, formatTime, parseTime } from "/dashboard/format.js";

// Of more attempts than these the newest are shown.
const ATTEMPTS_MAX = 50;

function workerOf(attempt) {
  return decodeURIComponent(attempt.worker_url.split("/").at(-1));
}

function tracebackOf(data) {
  const text = typeof data === "object" && data !== null ? data.traceback : undefined;
  return typeof text === "string" ? text : null;
}

export class UnitView {
  constructor(model, { url }) {
    this.model = model;
    this.url = url;
    this.title = "Work unit";
    this.known = new Map(); // attempts that have ended, by URL
    this.heading = h("h2", { id: "view-title" }, "Work unit");
    this.back = h("p", { class: "back" });
    this.status = h("span", { class: "badge" });
    this.facts = h("p");
    this.data = h("pre", { tabindex: "0", "aria-label": "Data" });
    this.retry = action("Retry", () => this.clear());
    this.note = h("p");
    this.rows = h("tbody");
    this.element = h("section", { "aria-labelledby": "view-title" }, this.heading, this.back,
      h("div", { class: "panel" }, h("div", { class: "row" }, this.status, this.retry), this.facts,
        h("h3", {}, "Data"), this.data),
      h("div", { class: "panel" }, h("h3", {}, "Attempts"), this.note,
        h("div", { class: "scroll attempts" }, table("Attempts, the newest first",
          ["Status", "Worker", "Began", "Took", "Timeline"], this.rows))));
  }

  async clear() {
    await put(this.url, { active_attempt_url: "-" });
    notify(`${this.title} is available again.`);
    this.model.changed();
  }

  async refresh() {
    const unit = await get(this.url);
    this.title = formatName(unit);
    setText(this.heading, `Work unit ${this.title}`);
    this.back.replaceChildren(h("a",
      { href: this.model.href("spec", { url: unit.work_spec_url }) }, "Its work spec"));
    setText(this.status, unit.status);
    this.status.className = `badge ${unit.status}`;
    this.retry.hidden = unit.status !== "failed";
    const notBefore = parseTime(unit.meta.not_before);
    setText(this.facts, `Priority ${unit.meta.priority}` +
      (unit.status === "delayed" ? `, not before ${formatTime(notBefore)}` : ""));
    setText(this.data, typeof unit.data === "string"
      ? `CBOR in base64, which JSON cannot say:\n${unit.data}`
      : JSON.stringify(unit.data, null, 2));
    await this.refreshAttempts(unit.attempts_url);
  }

  async refreshAttempts(url) {
    const all = (await get(url)).attempts;
    const newest = all.slice(-ATTEMPTS_MAX).reverse();
    const attempts = await Promise.all(newest.map((one) => this.attempt(one.url)));
    setText(this.note, all.length > newest.length
      ? `The newest ${newest.length} of ${all.length} are shown.`
      : all.length === 0 ? "Nobody has tried it yet." : "");
    const now = daemonNow();
    const spans = attempts.map((one) => ({
      from: parseTime(one.start_time), to: parseTime(one.end_time) ?? now }));
    const begin = Math.min(...spans.map((span) => span.from));
    const end = Math.max(...spans.map((span) => span.to), begin + 1);
    const shown = JSON.stringify([attempts.map((one) => [one.url, one.status]), end]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.rows.replaceChildren(...attempts.map((attempt, index) =>
      this.showAttempt(attempt, spans[index], begin, end)));
  }

  async attempt(url) {
    if (this.known.has(url)) return this.known.get(url);
    const attempt = await get(url);
    if (attempt.status !== "pending") this.known.set(url, attempt);
    return attempt;
  }

  showAttempt(attempt, { from, to }, begin, end) {
    const x = (100 * (from - begin)) / (end - begin);
    const width = Math.max(1, (100 * (to - from)) / (end - begin));
    const traceback = attempt.status === "finished" ? null : tracebackOf(attempt.data);
    return rowOf([
      { of: [h("span", { class: `badge ${attempt.status}` }, attempt.status),
        traceback && h("details", {}, h("summary", {}, "Traceback"),
          h("pre", { tabindex: "0" }, traceback))] },
      { of: workerOf(attempt) },
      { of: formatTime(from) },
      { of: formatSpan((to - from) / 1000) },
      { class: "timeline", of: svg("svg", { "aria-hidden": "true" },
        svg("rect", { class: attempt.status, x: `${Math.min(x, 99)}%`, y: 2, height: 12,
          width: `${width}%` })) }]);
  }

  close() {}
}
