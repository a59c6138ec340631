// Failed units page by page, with their tracebacks; all of them, those of a group, or those with a
// text in their name or traceback. A filter makes the daemon look at units: it does so for a
// bounded number at a time, and the page asks on.

import { expand, get, post } from "/dashboard/api.js";
import { action, h, notify, setText } from "/dashboard/dom.js";
import { formatCount, formatName, formatTime, parseTime } from "/dashboard/format.js";

const PAGE = 50;
// So many units are looked at for a filter before somebody has to say that it should go on.
const LOOKED_AT_ONCE = 40000;

export class FailureList {
  constructor(model, spec, links, signal) {
    Object.assign(this, { model, spec, links, signal });
    this.searching = null; // AbortController of the request under way
    this.filter = {};
    this.loaded = false;
    this.search = h("input", { type: "search", id: "failure-search", autocomplete: "off" });
    this.form = h("form", { role: "search", class: "row" },
      h("label", { for: "failure-search" }, "Search names and tracebacks"), this.search,
      h("button", { type: "submit" }, "Search"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.show({ contains: this.search.value });
    });
    this.group = h("span", { class: "chip" });
    this.clear = action("Show all", () => this.show({}));
    this.summary = h("p", { role: "status" });
    this.items = h("ul", { class: "failures" });
    this.first = action("Load anew", () => this.restart());
    this.more = action("Next page", () => this.load(this.next));
    this.element = h("section", { class: "panel", "aria-labelledby": "failures-title" },
      h("h3", { id: "failures-title", tabindex: "-1" }, "Failed units"), this.form,
      h("div", { class: "row" }, this.group, this.clear), this.summary, this.items,
      h("div", { class: "row" }, this.first, this.more));
    this.describe();
  }

  // The first page is loaded when there is something to show.
  update() {
    const failed = this.spec.count("failed");
    this.element.hidden = failed === 0 && !this.loaded;
    if (failed > 0 && !this.loaded) {
      this.loaded = true;
      this.restart().catch((error) => {
        this.loaded = false;
        setText(this.summary, error.message);
      });
    }
  }

  // Shows the units of a group, and goes there.
  async showGroup(error) {
    this.search.value = "";
    await this.show({ error });
    const title = this.element.querySelector("h3");
    title.focus();
    title.scrollIntoView();
  }

  async show(filter) {
    this.filter = filter;
    this.describe();
    try {
      await this.restart();
    } catch (error) {
      if (error.name !== "AbortError") setText(this.summary, error.message);
    }
  }

  describe() {
    const { error, contains } = this.filter;
    setText(this.group, error ? `failed with: ${error}` : contains ? `with: ${contains}` : "");
    this.group.hidden = this.group.textContent === "";
    this.clear.hidden = this.group.hidden;
  }

  async restart() {
    this.loaded = true;
    await this.load(expand(this.links.failures_url, { ...this.filter, limit: PAGE }), true);
  }

  // Loads a page: as many units as fit, if so many are found in time.
  async load(url, isFirst = false) {
    this.searching?.abort();
    const searching = new AbortController();
    this.searching = searching;
    const signal = AbortSignal.any([searching.signal, this.signal]);
    const found = [];
    let lookedAt = 0;
    let next = url;
    while (next && found.length < PAGE && lookedAt < LOOKED_AT_ONCE) {
      const page = await get(next, signal);
      found.push(...page.failures);
      lookedAt += page.looked_at;
      next = page.next;
      if (next && found.length < PAGE) {
        setText(this.summary, `Looked at ${formatCount(lookedAt)} units...`);
      }
    }
    this.next = next;
    setText(this.first, isFirst ? "Load anew" : "First page");
    this.more.hidden = !next;
    setText(this.summary, this.summarize(found.length, lookedAt));
    this.items.replaceChildren(...found.map((unit) => this.itemOf(unit)));
  }

  summarize(found, lookedAt) {
    const filtered = this.filter.error || this.filter.contains;
    if (!filtered) return found > 0 ? "" : "No failed unit is left here.";
    const end = this.next ? "; there are more to look at" : "";
    return `${formatCount(found)} found among ${formatCount(lookedAt)} looked at${end}.`;
  }

  itemOf(unit) {
    const name = formatName(unit);
    const retry = action("Retry", async () => {
      const { name: text, name_base64 } = unit;
      const answer = await post(expand(this.links.work_unit_retry_url),
        { work_units: [{ name: text, name_base64 }] });
      notify(answer.Retried > 0 ? `${name} is tried again.` : `${name} is not failed any more.`);
      item.querySelector("summary").focus();
      item.classList.add("retried");
      retry.remove();
      this.model.changed();
    }, { "aria-label": `Retry ${name}` });
    const cut = unit.traceback_cut ? h("p", {}, "The end of a longer traceback:") : null;
    const item = h("li", {}, h("details", {},
      h("summary", {}, h("strong", {}, name), " ", h("span", { class: "error" }, unit.error)),
      h("p", {}, `Failed ${formatTime(parseTime(unit.end_time))}`,
        unit.worker ? ` with worker ${unit.worker}` : "", ". ",
        h("a", { href: this.model.href("unit", { url: unit.url }) }, "Attempts and data")),
      cut, h("pre", { tabindex: "0" }, unit.traceback || "(no traceback)"),
      h("div", { class: "row" }, retry)));
    return item;
  }
}
