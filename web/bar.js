// How far a spec is, as a bar of its statuses.

import { h, setText, svg } from "/dashboard/dom.js";
import { formatCount } from "/dashboard/format.js";
import { STATUSES } from "/dashboard/model.js";

export class Bar {
  constructor() {
    this.title = svg("title");
    this.parts = STATUSES.map((status) => svg("rect", { class: status, y: 0, height: "100%" }));
    this.element = svg("svg", { class: "bar", role: "img", preserveAspectRatio: "none" },
      this.title, this.parts);
  }

  // Of anything that counts by status and has a total.
  update(counted) {
    let at = 0;
    STATUSES.forEach((status, index) => {
      const share = counted.total > 0 ? (100 * counted.count(status)) / counted.total : 0;
      this.parts[index].setAttribute("x", `${at}%`);
      this.parts[index].setAttribute("width", `${share}%`);
      at += share;
    });
    // Rounded down, so that nothing is called done too early.
    const percent = counted.total > 0 ? Math.floor((100 * counted.done) / counted.total) : 100;
    setText(this.title, counted.total > 0 ? `${percent}% done` : "no units");
  }
}

// The numbers beside it.
export class Counts {
  constructor() {
    this.numbers = STATUSES.map(() => h("dd"));
    this.items = STATUSES.map((status, index) => h("div", { class: status },
      h("dt", {}, status), this.numbers[index]));
    this.element = h("dl", { class: "counts" }, this.items);
  }

  update(counted) {
    STATUSES.forEach((status, index) => {
      const count = counted.count(status);
      setText(this.numbers[index], formatCount(count));
      this.items[index].classList.toggle("none", count === 0);
    });
  }
}
