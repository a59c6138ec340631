// The workers of a namespace as a tree, and when each was last heard of.

import { daemonNow, expand, get } from "/dashboard/api.js";
import { action, h, setChildren, setText } from "/dashboard/dom.js";
import { formatAge, formatCount, formatName, parseTime } from "/dashboard/format.js";

const SHOWN_MAX = 1000;

// Workers by the name of their parent: the trees begin at those whose parent is not in the list, or
// in a cycle at its first name. Each comes once.
export function treeOf(workers) {
  const names = new Set(workers.map((worker) => worker.name));
  const children = new Map();
  for (const worker of workers) {
    const parent = names.has(worker.parent) ? worker.parent : null;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(worker);
  }
  const placed = new Set();
  const place = (worker) => {
    placed.add(worker.name);
    const below = (children.get(worker.name) ?? []).filter((child) => !placed.has(child.name));
    return { worker, below: below.map(place) };
  };
  const roots = (children.get(null) ?? []).map(place);
  for (const worker of workers) {
    if (!placed.has(worker.name)) roots.push(place(worker));
  }
  return roots;
}

class WorkerItem {
  constructor(worker) {
    this.worker = worker;
    this.state = h("span", { class: "badge" });
    this.mode = h("span", { class: "mode" });
    this.seen = h("span", { class: "seen" });
    this.holds = h("ul", { class: "holds" });
    this.ask = action("What it holds", () => this.showHolds(),
      { "aria-label": `What ${formatName(worker)} holds` });
    this.children = h("ul");
    this.element = h("li", { "data-worker": worker.name },
      h("div", { class: "row worker" }, h("strong", {}, formatName(worker)), this.state, this.mode,
        this.seen, this.ask), this.holds, this.children);
  }

  async showHolds() {
    const document = await get(this.worker.url);
    const { attempts } = await get(document.active_attempts_url);
    this.holds.replaceChildren(...(attempts.length === 0
      ? [h("li", {}, "nothing")]
      : attempts.map((attempt) => h("li", {},
        h("a", { href: this.href("unit", { url: attempt.work_unit_url }) },
          decodeURIComponent(attempt.work_unit_url.split("/").at(-1))),
        `, begun ${formatAge(parseTime(attempt.start_time), daemonNow())}`))));
  }

  update(worker) {
    this.worker = worker;
    const now = daemonNow();
    const expiration = parseTime(worker.expiration);
    const state = worker.live ? "live" : !worker.active ? "gone"
      : expiration <= now ? "expired" : "no heartbeat";
    setText(this.state, state);
    this.state.className = `badge ${state.replace(" ", "-")}`;
    setText(this.mode, worker.mode === "" ? "" : String(worker.mode));
    const seen = `last seen ${formatAge(parseTime(worker.last_update), now)}`;
    const expires = `${expiration <= now ? "expired" : "expires"} ${formatAge(expiration, now)}`;
    setText(this.seen, worker.active ? `${seen}, ${expires}` : seen);
  }
}

export class WorkersView {
  constructor(model) {
    this.model = model;
    this.title = "Workers";
    this.items = new Map(); // by URL
    this.summary = h("p", { role: "status" });
    this.list = h("ul", { class: "tree" });
    this.element = h("section", { "aria-labelledby": "view-title" },
      h("h2", { id: "view-title" }, "Workers"),
      h("div", { class: "panel" }, this.summary, this.list));
  }

  async refresh() {
    if (!this.model.namespace) return;
    const page = await get(expand(this.model.namespace.worker_states_url, { limit: SHOWN_MAX }));
    const live = page.workers.filter((worker) => worker.live).length;
    const first = page.next ? `The first ${formatCount(SHOWN_MAX)} by name are shown. ` : "";
    setText(this.summary, page.workers.length === 0 ? "Nobody has asked for work yet."
      : `${first}${formatCount(live)} of ${formatCount(page.workers.length)} are live.`);
    const known = this.items;
    this.items = new Map(page.workers.map((worker) => {
      const item = known.get(worker.url) ?? new WorkerItem(worker);
      item.href = (view, values) => this.model.href(view, values);
      item.update(worker);
      return [worker.url, item];
    }));
    setChildren(this.list, treeOf(page.workers).map((node) => this.layOut(node)));
  }

  layOut({ worker, below }) {
    const item = this.items.get(worker.url);
    setChildren(item.children, below.map((node) => this.layOut(node)));
    item.children.hidden = below.length === 0;
    return item.element;
  }

  close() {}
}
