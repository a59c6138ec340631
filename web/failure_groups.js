// Failures counted by the last line of their traceback. The daemon keeps no such counts: it counts
// a bounded number of units at a time, and the page adds them up.

import { expand, get, post } from "/dashboard/api.js";
import { action, confirm, h, notify, rowOf, setChildren, setText, table } from "/dashboard/dom.js";
import { formatCount, formatName } from "/dashboard/format.js";

// So many units are counted without being asked for.
const COUNTED_AT_FIRST = 10000;
const RETRIED_AT_ONCE = 1000;
// Where each unit fails in a way of its own there are as many causes as units: so many are shown,
// the most frequent ones, and so many are told apart at all.
const SHOWN_MAX = 100;
const CAUSES_MAX = 20000;

export class FailureGroups {
  constructor(model, spec, links, list, signal) {
    Object.assign(this, { model, spec, links, list, signal });
    this.counting = null; // AbortController of the count under way
    this.summary = h("p", { role: "status" });
    this.rows = h("tbody");
    this.table = table("Failures by the last line of their traceback",
      ["Units", "Last line", "Example", "Actions"], this.rows);
    this.more = action("Count all", () => this.count(Infinity));
    this.again = action("Count anew", () => this.restart());
    this.retryAll = action("Retry all failed", () => this.retryEverything(), { class: "main" });
    this.element = h("section", { class: "panel", "aria-labelledby": "groups-title" },
      h("h3", { id: "groups-title" }, "Failures by cause"),
      this.summary, h("div", { class: "scroll groups" }, this.table),
      h("div", { class: "row" }, this.more, this.again, this.retryAll));
    this.reset();
  }

  reset() {
    this.groups = new Map(); // by last line: {error, count, example}
    this.counted = 0;
    this.others = 0; // units of causes that are not told apart
    this.next = expand(this.links.failure_groups_url);
  }

  async restart() {
    this.counting?.abort();
    this.reset();
    await this.count(COUNTED_AT_FIRST);
  }

  // Counts on, up to so many units in all.
  async count(limit) {
    this.counting?.abort();
    const counting = new AbortController();
    this.counting = counting;
    try {
      while (this.next && this.counted < limit) {
        this.add(await get(this.next, AbortSignal.any([counting.signal, this.signal])));
        this.show();
      }
    } finally {
      if (this.counting === counting) this.counting = null;
    }
  }

  add(page) {
    for (const { error, count, example } of page.groups) {
      const group = this.groups.get(error) ?? { error, count: 0, example };
      if (group.count === 0 && this.groups.size >= CAUSES_MAX) {
        this.others += count;
        continue;
      }
      group.count += count;
      this.groups.set(error, group);
    }
    this.counted += page.looked_at;
    this.next = page.next;
  }

  // The first count begins when there is something to count.
  update() {
    const failed = this.spec.count("failed");
    this.element.hidden = failed === 0 && this.counted === 0;
    if (failed > 0 && this.counted === 0 && !this.counting) {
      this.restart().catch(() => {}); // tried again with the next poll
    }
    this.show();
  }

  show() {
    const failed = this.spec.count("failed");
    const sorted = [...this.groups.values()].sort((a, b) => b.count - a.count);
    setText(this.summary, this.summarize(failed, sorted.length));
    this.more.hidden = !this.next;
    this.retryAll.hidden = failed === 0;
    setChildren(this.rows, sorted.slice(0, SHOWN_MAX).map((group) => this.showRow(group)));
  }

  // What was counted, and what is left out.
  summarize(failed, causes) {
    const counted = formatCount(this.counted);
    const sentences = [this.next
      ? `The first ${counted} of ${formatCount(failed)} failed units by name were counted.`
      : `${counted} failed units were counted.`];
    if (causes > SHOWN_MAX) {
      sentences.push(`The ${SHOWN_MAX} most frequent of ${formatCount(causes)} causes are shown.`);
    }
    if (this.others > 0) sentences.push(`${formatCount(this.others)} units have yet others.`);
    return sentences.join(" ");
  }

  showRow(group) {
    if (!group.row) {
      group.number = h("span");
      const href = this.model.href("unit", { url: group.example.url });
      group.row = rowOf([
        { class: "number", of: group.number },
        { class: "error", of: group.error },
        { of: h("a", { href }, formatName(group.example)) },
        { class: "row", of: [
          action("Show", () => this.list.showGroup(group.error),
            { "aria-label": `Show the units that failed with ${group.error}` }),
          action("Retry", () => this.retryGroup(group),
            { "aria-label": `Retry the units that failed with ${group.error}` })] }]);
    }
    setText(group.number, formatCount(group.count));
    return group.row;
  }

  // Goes through the units of a group, and has each page of them tried again.
  async retryGroup(group) {
    const question = `Make the units available again that failed with "${group.error}"?`;
    if (!await confirm(question, "Retry them")) return;
    let retried = 0;
    let url = expand(this.links.failures_url, { error: group.error, limit: RETRIED_AT_ONCE });
    while (url && !this.signal.aborted) {
      const page = await get(url, this.signal);
      const units = page.failures.map(({ name, name_base64 }) => ({ name, name_base64 }));
      if (units.length > 0) {
        const answer = await post(expand(this.links.work_unit_retry_url), { work_units: units });
        retried += answer.Retried;
        notify(`${formatCount(retried)} units are tried again.`);
      }
      url = page.next;
    }
    this.afterRetry(retried);
  }

  async retryEverything() {
    const failed = formatCount(this.spec.count("failed"));
    if (!await confirm(`Make all ${failed} failed units available again?`, "Retry all")) return;
    const answer = await post(expand(this.links.work_unit_retry_url));
    this.afterRetry(answer.Retried);
  }

  afterRetry(retried) {
    notify(`${formatCount(retried)} units are tried again.`);
    this.restart().catch(() => {});
    this.list.restart().catch(() => {});
    this.model.changed();
  }
}
