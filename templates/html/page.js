"use strict";
(function () {
  // Sorting: a button in each header. Names come with their place in the office's alphabet, so numbers and names are
  // compared as numbers; other words in the alphabet of the office. Empty cells are always last.
  const compare = new Intl.Collator(document.body.dataset.alphabet || document.documentElement.lang, { numeric: true }).compare;
  const lists = new Map();  // a table's body → what shows the first of its rows that fit, and how many are on screen
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
        lists.get(body)?.();
      });
    });
  }
  // Long lists: a browser lays out a screenful of rows at once and two thousand in seconds. So the first rows come now, the
  // next whenever it is idle, up to a hundred, and the rest after them once the button asked for it. Paper shows every row.
  const FIRST = 25, NEXT = 75;
  const PAINT = 30, PATIENCE = 300;  // milliseconds: for the first rows to be painted; until a busy browser goes on all the same
  const idle = window.requestIdleCallback ?? ((grow) => setTimeout(grow));
  for (const more of document.querySelectorAll("button[data-more]")) {
    const body = document.getElementById(more.dataset.more).tBodies[0];
    let room = Number(more.dataset.step);
    let turn = 0;  // a new order or selection begins from the top: what is still under way for the one before ends
    const grow = (rows, from, mine) => {
      if (mine !== turn) return;
      for (const row of rows.slice(from, from + NEXT)) row.classList.remove("later");
      if (from + NEXT < rows.length) idle(() => grow(rows, from + NEXT, mine), { timeout: PATIENCE });
    };
    const show = (now = FIRST) => {
      const fitting = [...body.rows].filter((row) => !row.hidden);
      fitting.forEach((row, at) => row.classList.toggle("later", at >= now));
      const rest = fitting.length - room;
      more.parentElement.hidden = rest <= 0;
      more.textContent = more.dataset.say.replace("{rest}", rest);
      turn += 1;
      const mine = turn;
      setTimeout(() => grow(fitting.slice(0, room), now, mine), PAINT);
      return fitting;
    };
    more.addEventListener("click", () => {  // the button goes: whoever reads or types on goes on at the first row that came
      const at = room;
      room = Infinity;
      const next = show(at + 1)[at];
      next.tabIndex = -1;
      next.focus();
    });
    lists.set(body, () => show());
    show();
  }
  // Searching: every word must occur; marks of tone and letter don't count, so that 'hoa' finds 'Hoà'.
  // Filters beside the box narrow the same rows by what their data- attributes say.
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f\u0e47-\u0e4c]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  for (const input of document.querySelectorAll("input[data-search]")) {
    const rows = [...document.querySelectorAll(input.dataset.search)].map((row) => [row, plain(row.textContent)]);
    const groups = document.querySelectorAll("[data-group]");
    const shown = document.getElementById(input.getAttribute("aria-describedby"));
    const tools = input.closest(".search");
    const choices = [...tools.querySelectorAll("select[data-filter]")];
    const search = () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      const wanted = choices.filter((choice) => choice.value).map((choice) => [choice.dataset.filter, choice.value]);
      let count = 0;
      for (const [row, text] of rows) {
        const fits = wanted.every(([key, want]) => row.dataset[key] === want) && words.every((word) => text.includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        if (fits) count += 1;
      }
      if (rows.length) lists.get(rows[0][0].parentElement)?.();
      for (const group of groups) group.hidden = !group.querySelector("[data-row]:not([hidden])");
      const say = shown.dataset.say || "{shown}/{all}";
      shown.textContent = say.replace("{shown}", count).replace("{all}", rows.length);
    };
    tools.removeAttribute("hidden");
    tools.addEventListener("input", search);
    tools.querySelector("[data-clear]")?.addEventListener("click", () => {
      input.value = "";
      for (const choice of choices) choice.value = "";
      search();
      input.focus();
    });
    search();
  }
  // Going down: a link to something inside closed details opens all of them around it.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
