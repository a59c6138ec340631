// The page: which view is shown, and what keeps it up to date.

import { h, setChildren, setText } from "/dashboard/dom.js";
import { formatName } from "/dashboard/format.js";
import { Model } from "/dashboard/model.js";
import { Poller } from "/dashboard/poller.js";
import { SpecView } from "/dashboard/spec_view.js";
import { SpecsView } from "/dashboard/specs_view.js";
import { UnitView } from "/dashboard/unit_view.js";
import { WorkersView } from "/dashboard/workers_view.js";

const VIEWS = { specs: SpecsView, workers: WorkersView, spec: SpecView, unit: UnitView };
const NAMESPACES_EVERY_MS = 15000;

const byId = (id) => document.getElementById(id);

// "#spec?namespace=...&url=..." as {name, values}.
function readRoute() {
  const [name, query] = location.hash.slice(1).split("?");
  const values = Object.fromEntries(new URLSearchParams(query));
  return { name: Object.hasOwn(VIEWS, name) ? name : "specs", values };
}

class Page {
  constructor() {
    this.model = new Model();
    this.model.href = (name, values = {}) => this.href(name, values);
    this.model.changed = () => this.poller.now();
    this.view = null;
    this.shownRoute = null;
    this.namespacesAt = 0;
    this.poller = new Poller(() => this.refresh(), (state) => this.tell(state));
    byId("namespace").addEventListener("change", (event) => {
      location.hash = this.href("specs", { namespace: event.target.value });
    });
    byId("trouble-retry").addEventListener("click", () => this.poller.now());
    byId("skip").addEventListener("click", () => byId("main").focus());
    addEventListener("hashchange", () => this.navigate(true));
  }

  // The address of a view, in the namespace that is shown.
  href(name, values) {
    const namespace = this.model.namespace?.url;
    const query = new URLSearchParams({ ...(namespace ? { namespace } : {}), ...values });
    return `#${name}?${query}`;
  }

  start() {
    this.navigate(false);
  }

  // Shows the view that the address names. `moved`: somebody went there, so the focus follows.
  navigate(moved) {
    const route = readRoute();
    const key = location.hash;
    if (this.shownRoute !== key) {
      this.shownRoute = key;
      this.namespacesAt = 0;
      this.view?.close();
      this.view = new VIEWS[route.name](this.model, route.values);
      byId("main").replaceChildren(this.view.element);
      for (const name of ["specs", "workers"]) {
        const isHere = route.name === name;
        byId(`nav-${name}`).toggleAttribute("aria-current", isHere);
        if (isHere) byId(`nav-${name}`).setAttribute("aria-current", "page");
      }
      if (moved) byId("main").focus();
    }
    this.poller.now();
  }

  async refresh() {
    const { view } = this;
    if (Date.now() - this.namespacesAt > NAMESPACES_EVERY_MS) {
      await this.model.findNamespaces(readRoute().values.namespace);
      this.namespacesAt = Date.now();
      this.showNamespaces();
    }
    await this.model.count();
    await view.refresh();
    if (view === this.view) document.title = `${view.title} - Coordinate`;
  }

  showNamespaces() {
    const { namespaces, namespace } = this.model;
    const select = byId("namespace");
    const known = new Map([...select.options].map((option) => [option.value, option]));
    setChildren(select, namespaces.map((one) =>
      known.get(one.url) ?? h("option", { value: one.url }, formatName(one))));
    if (namespace) select.value = namespace.url;
    select.disabled = namespaces.length === 0;
    for (const name of ["specs", "workers"]) byId(`nav-${name}`).href = this.href(name, {});
  }

  tell({ error, seconds }) {
    byId("trouble").hidden = error === null;
    setText(byId("connection"), error === null ? "live" : "not up to date");
    byId("connection").classList.toggle("live", error === null);
    if (error !== null) {
      setText(byId("trouble-text"), `${error.message}. Trying again in ${seconds} s.`);
    }
  }
}

new Page().start();
