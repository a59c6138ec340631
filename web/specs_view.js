// All work specs of a namespace at a glance.

import { Bar, Counts } from "/dashboard/bar.js";
import { Chart } from "/dashboard/chart.js";
import { h, setChildren, setText } from "/dashboard/dom.js";
import { STATUSES } from "/dashboard/model.js";
import { pace, SpecPanel } from "/dashboard/spec_panel.js";

// The sum of all specs, as the bar and the numbers want it.
function sumOf(specs) {
  const sums = Object.fromEntries(STATUSES.map((status) =>
    [status, specs.reduce((sum, spec) => sum + spec.count(status), 0)]));
  const done = sums.finished + sums.failed;
  const unfinished = sums.pending + sums.available + sums.delayed;
  return { count: (status) => sums[status], done, unfinished, total: done + unfinished };
}

export class SpecsView {
  constructor(model) {
    this.model = model;
    this.title = "Work specs";
    this.panels = new Map(); // by the spec's URL
    this.visible = new Set(); // specs of panels that can be seen
    this.watcher = new IntersectionObserver((entries) => this.onSeen(entries));
    this.chart = new Chart();
    this.bar = new Bar();
    this.counts = new Counts();
    this.pace = h("p", { class: "pace" });
    this.list = h("div", { class: "specs" });
    this.empty = h("p", { class: "empty" }, "There is no work spec here yet.");
    this.element = h("section", { "aria-labelledby": "view-title" },
      h("h2", { id: "view-title" }, "Work specs"),
      h("div", { class: "panel all" },
        h("h3", {}, "Everything together"), this.bar.element, this.counts.element, this.pace,
        this.chart.element),
      this.empty, this.list);
  }

  onSeen(entries) {
    for (const { target, isIntersecting } of entries) {
      const spec = this.panels.get(target.dataset.url)?.spec;
      if (!spec) continue;
      if (isIntersecting) {
        this.visible.add(spec);
        // A new one is explained at once.
        if (spec.explanation === null) this.model.changed();
      } else {
        this.visible.delete(spec);
      }
    }
  }

  async refresh() {
    const specs = [...this.model.specs.values()];
    const shown = specs.filter((spec) => this.visible.has(spec));
    // One that was deleted meanwhile is gone with the next list.
    await Promise.all(shown.map((spec) => spec.explain().catch((error) => {
      if (error.status !== 404) throw error;
    })));
    this.update();
  }

  update() {
    const specs = [...this.model.specs.values()];
    for (const [url, panel] of this.panels) {
      if (this.model.specs.get(url) === panel.spec) continue;
      this.watcher.unobserve(panel.element);
      this.visible.delete(panel.spec);
      this.panels.delete(url);
    }
    const panels = specs.map((spec) => this.panelOf(spec));
    setChildren(this.list, panels.map((panel) => panel.element));
    panels.forEach((panel) => panel.update());
    const sum = sumOf(specs);
    this.bar.update(sum);
    this.counts.update(sum);
    setText(this.pace, pace(sum, specs.length > 0 ? this.model.history.rate() : 0));
    this.chart.update(this.model.history);
    this.empty.hidden = specs.length > 0;
  }

  panelOf(spec) {
    let panel = this.panels.get(spec.url);
    if (!panel) {
      panel = new SpecPanel(this.model, spec);
      panel.element.dataset.url = spec.url;
      this.panels.set(spec.url, panel);
      this.watcher.observe(panel.element);
    }
    return panel;
  }

  close() {
    this.watcher.disconnect();
  }
}
