// What is known of the daemon: namespaces, and the specs of the one that is shown.

import { get } from "/dashboard/api.js";
import { History } from "/dashboard/history.js";

export const STATUSES = ["finished", "failed", "pending", "available", "delayed"];
const EXPLAIN_EVERY_MS = 8000;

export class Spec {
  constructor(reference) {
    this.url = reference.url;
    this.name = reference.name;
    this.counts = {};
    this.explanation = null;
    this.explainedAt = 0;
    this.document = null;
  }

  count(status) {
    return this.counts[status] ?? 0;
  }
  get done() {
    return this.count("finished") + this.count("failed");
  }
  get unfinished() {
    return this.count("pending") + this.count("available") + this.count("delayed");
  }
  get total() {
    return this.done + this.unfinished;
  }
  get meta() {
    return this.explanation?.meta ?? null;
  }

  // The spec's document, with the URLs of what belongs to it.
  async links() {
    this.document ??= await get(this.url);
    return this.document;
  }

  // Asks why it gives work or not; not too often, unless `now`.
  async explain(now = false) {
    if (!now && Date.now() - this.explainedAt < EXPLAIN_EVERY_MS) return;
    this.explainedAt = Date.now();
    const links = await this.links();
    this.explanation = await get(links.explanation_url);
  }
}

export class Model {
  constructor() {
    this.root = null;
    this.namespaces = [];
    this.namespace = null; // its document
    this.specs = new Map(); // by URL
    this.history = new History();
  }

  // Looks for namespaces, and chooses the one with this URL, else one with work, else the first.
  async findNamespaces(wanted) {
    this.root ??= await get("/");
    this.namespaces = (await get(this.root.namespaces_url)).namespaces;
    let chosen = this.namespaces.find((one) => one.url === wanted);
    if (!chosen) {
      const summary = await get(this.root.summary_url);
      const busy = summary[0]?.Namespace;
      chosen = this.namespaces.find((one) => one.name === busy) ?? this.namespaces[0];
    }
    if (!chosen) {
      this.namespace = null;
      this.specs.clear();
    } else if (this.namespace?.url !== chosen.url) {
      this.namespace = await get(chosen.url);
      this.specs.clear();
      this.history = new History();
    }
  }

  // Counts the units of every spec, at one instant.
  async count() {
    if (!this.namespace) return;
    const [list, summary] = await Promise.all(
      [get(this.namespace.work_specs_url), get(this.namespace.summary_url)]);
    const counts = new Map();
    for (const record of summary) {
      if (!counts.has(record.WorkSpec)) counts.set(record.WorkSpec, {});
      counts.get(record.WorkSpec)[record.Status] = record.Count;
    }
    const specs = new Map();
    for (const reference of list.work_specs) {
      const spec = this.specs.get(reference.url) ?? new Spec(reference);
      spec.counts = counts.get(spec.name) ?? {};
      specs.set(spec.url, spec);
    }
    this.specs = specs;
    this.history.add(performance.now() / 1000,
      new Map([...specs.values()].map((spec) => [spec.url, spec.done])));
  }
}
