// Throughput over time, as far as this page has seen it.

import { h, setText, svg } from "/dashboard/dom.js";
import { formatRate, formatSpan } from "/dashboard/format.js";

const WIDTH = 600;
const HEIGHT = 120;
const SPAN_SECONDS = 600;
const SHORTEST_SECONDS = 60;

// The least of 1, 2, 5, 10, 20... that is not below.
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((edge) => edge >= value);
}

export class Chart {
  constructor() {
    this.area = svg("path", { class: "area" });
    this.line = svg("path", { class: "line" });
    this.title = svg("title");
    this.highest = h("span");
    this.oldest = h("span");
    this.element = h("figure", { class: "chart" },
      h("div", { class: "scale" }, this.highest, h("span", {}, "0/s")),
      svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
        this.title,
        svg("path", { class: "grid", d: `M0 ${HEIGHT / 2}H${WIDTH}` }), this.area, this.line),
      h("figcaption", {}, this.oldest, h("span", {}, "now")));
  }

  update(history, key) {
    const rates = history.rates(key);
    const end = rates.at(-1)?.to ?? 0;
    const seen = end - (rates[0]?.from ?? end);
    const span = Math.min(SPAN_SECONDS, Math.max(SHORTEST_SECONDS, seen));
    const top = niceCeiling(Math.max(1, ...rates.map((one) => one.rate)));
    const x = (time) => (WIDTH * (1 - (end - time) / span)).toFixed(1);
    const y = (rate) => (HEIGHT - 2 - (HEIGHT - 6) * (rate / top)).toFixed(1);
    const steps = rates.map(({ from, to, rate }) => `${x(from)} ${y(rate)}L${x(to)} ${y(rate)}`);
    const line = steps.length > 0 ? `M${steps.join("L")}` : "";
    this.line.setAttribute("d", line);
    this.area.setAttribute("d",
      line && `${line}L${x(end)} ${HEIGHT}L${x(rates[0].from)} ${HEIGHT}Z`);
    setText(this.highest, formatRate(top));
    setText(this.oldest, `${formatSpan(span)} ago`);
    const now = rates.length > 0 ? history.rate(key) : 0;
    setText(this.title, `Units done per second: now ${formatRate(now)}, ` +
      `at most ${formatRate(Math.max(0, ...rates.map((one) => one.rate)))}`);
  }
}
