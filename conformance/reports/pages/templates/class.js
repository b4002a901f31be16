"use strict";
// Sorts and filters the tables of a class. Without it they can be read as they are.
const BEFORE = 3; // columns before the first clause
const WORST_FIRST = "faincpl"; // kinds of cells, as a teacher looks for them

for (const section of document.querySelectorAll("section.lab")) {
  const table = section.querySelector(".heat table");
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => row.cells[0].scope === "row");
  const places = new Map(rows.map((row, place) => [row, place]));
  const heads = [...table.tHead.rows[0].cells];
  const filters = section.querySelector(".filters");
  // A name is found without its accents, too.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const by = (name) => filters.querySelector(`[data-by=${name}]`)?.value ?? "";

  // -- sorting
  const kind = (row, column) => {
    const found = row.cells[column]?.className ?? "";
    return found === "w" ? "" : found; // one cell for all clauses: why there is no run
  };
  const number = (row, column) => {
    const told = parseFloat(row.cells[column].textContent);
    return Number.isNaN(told) ? -1 : told;
  };
  const keys = {
    0: (one, other) => one.cells[0].textContent.localeCompare(other.cells[0].textContent),
    1: (one, other) => number(one, 1) - number(other, 1),
    2: (one, other) => number(one, 2) - number(other, 2) ||
      one.cells[2].textContent.localeCompare(other.cells[2].textContent),
  };
  const rank = (row, column) => {
    const found = kind(row, column);
    return found ? WORST_FIRST.indexOf(found) : WORST_FIRST.length;
  };
  const sort = (column, falling) => {
    const compare = keys[column] ?? ((one, other) => rank(one, column) - rank(other, column));
    const sign = falling ? -1 : 1;
    rows.sort((one, other) => sign * compare(one, other) || places.get(one) - places.get(other));
    body.append(...rows);
    heads.forEach((head, place) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", falling ? "descending" : "ascending");
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () =>
      sort(column, head.getAttribute("aria-sort") === "ascending"));
    head.append(button);
  });

  // -- filtering
  const shows = (row, student, clause, outcome, symptom) => {
    if (student && !plain(row.cells[0].textContent).includes(student)) return false;
    if (symptom && !(row.dataset.s ?? "").split(" ").includes(symptom)) return false;
    if (clause && outcome) return kind(row, BEFORE + Number(clause)) === outcome;
    if (clause) return !["", "p"].includes(kind(row, BEFORE + Number(clause)));
    return !outcome || [...row.cells].some((cell) => cell.className === outcome);
  };
  const filter = () => {
    const asked = [plain(by("student").trim()), by("clause"), by("outcome"), by("symptom")];
    let shown = 0;
    for (const row of rows) {
      row.hidden = !shows(row, ...asked);
      shown += row.hidden ? 0 : 1;
    }
    filters.querySelector("output").textContent =
      asked.some(Boolean) ? `${shown} of ${rows.length} shown` : "";
  };
  filters.addEventListener("input", filter);
  const heading = section.querySelector("h2").id;
  for (const link of document.querySelectorAll(`a[href="#${heading}"][data-symptom]`)) {
    link.addEventListener("click", () => {
      for (const each of filters.querySelectorAll("[data-by]")) each.value = "";
      filters.querySelector("[data-by=symptom]").value = link.dataset.symptom;
      filter();
    });
  }
  filters.hidden = rows.length === 0;
  filter(); // a browser may have kept what was chosen before

  // -- arrow keys
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  for (const link of body.querySelectorAll("td a")) link.tabIndex = -1;
  body.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = event.target.closest("td, th");
    if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const shown = rows.filter((row) => !row.hidden);
    let down = shown.indexOf(cell.parentNode) + step[0];
    let across = cell.cellIndex + step[1];
    while (shown[down]?.cells[across]) {
      const link = shown[down].cells[across].querySelector("a");
      if (link) return link.focus();
      down += step[0];
      across += step[1];
    }
  });
  section.querySelector(".with-keys").hidden = false;
}
