// One work spec: how far it is, how fast, what holds it back; and what can be changed about it.

import { put } from "/dashboard/api.js";
import { Bar, Counts } from "/dashboard/bar.js";
import { action, h, notify, setChildren, setText } from "/dashboard/dom.js";
import { formatRate, formatSpan } from "/dashboard/format.js";

// "12.5/s, 3 min 20 s left"
export function pace(counted, rate) {
  if (counted.total === 0) return "no units";
  if (counted.unfinished === 0) return "all done";
  const left = rate > 0 ? `${formatSpan(counted.unfinished / rate)} left` : "not moving";
  return `${formatRate(rate)}, ${left}`;
}

// Changes control values, and has the spec explained anew.
export async function change(model, spec, values, said) {
  const links = await spec.links();
  await put(links.meta.replace(/\{.*/, ""), values);
  await spec.explain(true);
  notify(`${spec.name}: ${said}`);
  model.changed();
}

export class SpecPanel {
  // `heading`: the level of its heading; with a link where the panel is one of many.
  constructor(model, spec, { heading = "h3", link = true } = {}) {
    this.model = model;
    this.spec = spec;
    this.bar = new Bar();
    this.counts = new Counts();
    this.badge = h("span", { class: "badge" });
    this.pace = h("p", { class: "pace" });
    this.reasons = h("ul", { class: "reasons", "aria-label": `What holds ${spec.name} back` });
    this.pauseButton = action("Pause", () => this.togglePause(), { class: "pause" });
    const href = model.href("spec", { url: spec.url });
    this.failuresLink = h("a", { class: "failures-link", href }, "Failures");
    this.element = h("article", { class: "panel spec", "data-spec": spec.name },
      h("div", { class: "row head" },
        h(heading, {}, link ? h("a", { href }, spec.name) : spec.name), this.badge),
      this.bar.element, this.counts.element, this.pace, this.reasons,
      h("div", { class: "row" }, this.pauseButton, link ? this.failuresLink : null));
  }

  async togglePause() {
    const paused = !this.spec.meta?.paused;
    await change(this.model, this.spec, { paused }, paused ? "paused" : "goes on");
    this.update();
  }

  update() {
    const { spec } = this;
    this.bar.update(spec);
    this.counts.update(spec);
    setText(this.pace, pace(spec, this.model.history.rate(spec.url)));
    this.failuresLink.hidden = spec.count("failed") === 0;
    this.pauseButton.hidden = spec.meta === null;
    setText(this.pauseButton, spec.meta?.paused ? "Resume" : "Pause");
    this.pauseButton.setAttribute("aria-label", `${this.pauseButton.textContent} ${spec.name}`);
    this.updateReasons();
  }

  updateReasons() {
    const { spec } = this;
    const reasons = spec.explanation?.reasons ?? [];
    const state = this.state();
    setText(this.badge, state);
    this.badge.className = `badge ${state.replace(" ", "-")}`;
    const texts = reasons.map((reason) => reason.text);
    if (texts.join("\n") === this.shown) return;
    this.shown = texts.join("\n");
    setChildren(this.reasons, reasons.map(
      (reason) => h("li", { class: reason.weight }, reason.text)));
  }

  state() {
    const { spec } = this;
    if (spec.explanation === null) return "";
    if (spec.meta.paused) return "paused";
    if (spec.total > 0 && spec.unfinished === 0) return "done";
    return spec.explanation.gives_work ? "gives work" : "no work";
  }
}

// Weight and priority.
export class SpecControls {
  constructor(model, spec) {
    this.model = model;
    this.spec = spec;
    this.weight = this.field("weight", "Weight", "The share of work among specs of a priority");
    this.priority = this.field("priority", "Priority", "A spec with more always goes first");
    this.element = h("form", { class: "panel controls", "aria-label": "Control values" },
      this.weight.label, this.priority.label,
      h("button", { type: "submit" }, "Apply"));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
  }

  field(name, title, hint) {
    const input = h("input", { type: "number", name, step: 1, min: -1000000, max: 1000000,
      required: true, "aria-describedby": `${name}-hint` });
    const label = h("label", {}, title, input, h("small", { id: `${name}-hint` }, hint));
    return { input, label, known: null };
  }

  async apply() {
    const values = { weight: this.weight.input.valueAsNumber,
      priority: this.priority.input.valueAsNumber };
    try {
      await change(this.model, this.spec, values,
        `weight ${values.weight}, priority ${values.priority}`);
      this.weight.known = values.weight;
      this.priority.known = values.priority;
    } catch (error) {
      notify(`Apply: ${error.message}`);
    }
  }

  // Shows what has changed, but not over what somebody is about to type.
  update() {
    for (const field of [this.weight, this.priority]) {
      const value = this.spec.meta?.[field.input.name];
      if (value === undefined || value === field.known) continue;
      const untouched = field.known === null || field.input.valueAsNumber === field.known;
      field.known = value;
      if (untouched) field.input.value = value;
    }
  }
}
