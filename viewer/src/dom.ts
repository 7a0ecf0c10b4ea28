// Building elements. Text is only ever set as text: nothing that came from a case becomes markup.
type Child = Node | string | null;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  for (const child of children) {
    if (child !== null) {
      node.append(child);
    }
  }
  return node;
}

export interface Table {
  head: string[];
  /** Which columns hold numbers. */
  numeric: boolean[];
  rows: string[][];
}

/** A table inside a box that scrolls by itself; the first cell of a row is its header. */
export function table(data: Table, label: string, tall: boolean): HTMLElement {
  const head = element("tr");
  data.head.forEach((text, i) => {
    head.append(element("th", { scope: "col", ...(data.numeric[i] ? { class: "num" } : {}) }, text));
  });
  const body = element("tbody");
  for (const row of data.rows) {
    const line = element("tr");
    row.forEach((text, i) => {
      const cell = i === 0 ? element("th", { scope: "row" }, text) : element("td", {}, text);
      if (data.numeric[i]) {
        cell.classList.add("num");
      }
      if (text === "withheld") {
        cell.classList.add("withheld");
      }
      line.append(cell);
    });
    body.append(line);
  }
  return element(
    "div",
    { class: tall ? "scroll tall" : "scroll", tabindex: "0", role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, head), body),
  );
}

/** Details whose content is made when they are first opened: thousands of rows cost nothing before. */
export function lazyDetails(summary: string, fill: () => HTMLElement, className = ""): HTMLDetailsElement {
  const details = element("details", className === "" ? {} : { class: className }, element("summary", {}, summary));
  let filled = false;
  const once = (): void => {
    if (!filled) {
      filled = true;
      details.append(fill());
    }
  };
  details.addEventListener("toggle", () => {
    if (details.open) {
      once();
    }
  });
  // "toggle" comes too late for paper: printing asks for the content beforehand
  details.addEventListener("onus-fill", once);
  return details;
}
