"use strict";
(function () {
  // Sorting: a button in each header; numbers as numbers, words in the alphabet of the office, empty cells always last.
  const compare = new Intl.Collator(document.body.dataset.alphabet || document.documentElement.lang, { numeric: true }).compare;
  const value = (row, at) => { const cell = row.cells[at]; return (cell.dataset.sort ?? cell.textContent).trim(); };
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = head.querySelector("button");
      if (!button) return;
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const number = head.dataset.kind === "number";
        const rows = [...body.rows].map((row) => [value(row, at), row]);
        rows.sort(([a], [b]) => {
          if (!a || !b) return a ? -1 : b ? 1 : 0;
          const order = number ? Number(a) - Number(b) : compare(a, b);
          return down ? -order : order;
        });
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
  // Searching: every word must occur; marks of tone and letter don't count, so that 'hoa' finds 'Hoà'.
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  for (const input of document.querySelectorAll("input[data-search]")) {
    const rows = [...document.querySelectorAll(input.dataset.search)].map((row) => [row, plain(row.textContent)]);
    const shown = document.getElementById(input.getAttribute("aria-describedby"));
    const search = () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      let count = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) count += 1;
      }
      for (const group of document.querySelectorAll("[data-group]")) {
        group.hidden = !group.querySelector("[data-row]:not([hidden])");
      }
      shown.textContent = count + "/" + rows.length;
    };
    input.closest("[hidden]")?.removeAttribute("hidden");
    input.addEventListener("input", search);
    search();
  }
})();
