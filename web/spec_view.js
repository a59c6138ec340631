// One work spec, and its failures.

import { Chart } from "/dashboard/chart.js";
import { h } from "/dashboard/dom.js";
import { FailureGroups } from "/dashboard/failure_groups.js";
import { FailureList } from "/dashboard/failure_list.js";
import { Spec } from "/dashboard/model.js";
import { SpecControls, SpecPanel } from "/dashboard/spec_panel.js";

export class SpecView {
  constructor(model, { url }) {
    this.model = model;
    this.url = url;
    this.title = "Work spec";
    this.panel = null;
    this.leaving = new AbortController();
    this.element = h("section", { "aria-labelledby": "view-title" },
      h("h2", { id: "view-title" }, "Work spec"));
  }

  async refresh() {
    const spec = this.model.specs.get(this.url) ?? this.panel?.spec ?? new Spec({ url: this.url });
    if (this.panel === null || this.panel.spec !== spec) await this.open(spec);
    await spec.explain(!this.model.specs.has(this.url));
    this.update();
  }

  async open(spec) {
    const links = await spec.links();
    spec.name = links.name;
    this.title = spec.name;
    this.panel = new SpecPanel(this.model, spec, { heading: "h3", link: false });
    this.controls = new SpecControls(this.model, spec);
    this.chart = new Chart();
    this.list = new FailureList(this.model, spec, links, this.leaving.signal);
    this.groups = new FailureGroups(this.model, spec, links, this.list, this.leaving.signal);
    this.element.replaceChildren(
      h("h2", { id: "view-title" }, `Work spec ${spec.name}`),
      h("div", { class: "columns" }, this.panel.element,
        h("div", {}, h("div", { class: "panel" }, this.chart.element), this.controls.element)),
      this.groups.element, this.list.element);
  }

  update() {
    this.panel.update();
    this.controls.update();
    this.chart.update(this.model.history, this.url);
    this.groups.update();
    this.list.update();
  }

  close() {
    this.leaving.abort();
  }
}
