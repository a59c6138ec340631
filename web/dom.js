// Elements, made without ever reading markup from text: what comes from data is a text node.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== undefined && value !== null) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// An HTML element. An attribute that is a function listens to the event of that name.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// An element of an SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// A table for wide screens that becomes a list on narrow ones, where only its roles say what it is.
// `rows`: its body; rowOf() makes what goes into it.
export function table(caption, titles, rows) {
  rows.setAttribute("role", "rowgroup");
  return h("table", { class: "wide", role: "table" }, h("caption", { class: "hidden" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, titles.map(
      (title) => h("th", { scope: "col", role: "columnheader" }, title)))),
    rows);
}

// A row of such a table. Each cell: {class, of: what it holds}.
export function rowOf(cells) {
  return h("tr", { role: "row" },
    cells.map((cell) => h("td", { role: "cell", class: cell.class }, cell.of)));
}

// Sets a text only where it is another one, so that nothing is read out again.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Makes the children of an element these, in this order, and moves none that is in its place:
// moving one would take the focus from it.
export function setChildren(parent, children) {
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

// Tells those who see and those who listen what has happened.
export function notify(text) {
  document.getElementById("notice").textContent = text;
}

// Runs what a button does, with the button disabled meanwhile; tells of an error.
export function action(label, run, attributes = {}) {
  const button = h("button", { type: "button", ...attributes }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      // What was given up for something newer is no error.
      if (error.name !== "AbortError") notify(`${button.textContent}: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

// Asks a question before something that cannot be taken back. Resolves to true or false.
export function confirm(question, yes) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-labelledby": "dialog-question" },
      h("p", { id: "dialog-question" }, question),
      h("div", { class: "row" },
        h("button", { type: "button", class: "main", click: () => dialog.close("yes") }, yes),
        h("button", { type: "button", autofocus: true, click: () => dialog.close() }, "Cancel")));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
