"use strict";
(() => {
  document.documentElement.classList.add("js");

  // Reading a curve: a slider over its points, or the pointer over a drawing.
  for (const box of document.querySelectorAll(".readout")) {
    const { attacks, benign, start, points } = JSON.parse(box.querySelector("script").textContent);
    const input = box.querySelector("input"), output = box.querySelector("output");
    const [roc, pr] = box.parentElement.querySelectorAll("svg");
    const number = (v) => v.toLocaleString("en-US");
    const share = (v) => (v === 0 || v === 1 ? String(v) : v < 0.001 ? v.toPrecision(2) : v.toFixed(4));
    const show = (i) => {
      const [threshold, caught, flagged, rocX, rocY, prX, prY] = points[i];
      input.value = i;
      const precision = caught + flagged ? share(caught / (caught + flagged)) : "–";
      const text = `threshold ${Number(threshold.toPrecision(4))}: recall ${share(caught / attacks)} (${number(caught)} of ${number(attacks)}), ` +
        `false-positive rate ${share(flagged / benign)} (${number(flagged)} of ${number(benign)}), precision ${precision}`;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
      for (const [svg, x, y] of [[roc, rocX, rocY], [pr, prX, prY]]) {
        const dot = svg.querySelector(".reading");
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", y);
      }
    };
    input.max = points.length - 1;
    input.addEventListener("input", () => show(Number(input.value)));
    for (const [svg, at] of [[roc, 3], [pr, 5]]) {
      svg.addEventListener("pointermove", (e) => {
        const r = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / r.width;
        const x = (e.clientX - r.left) * scale, y = (e.clientY - r.top) * scale;
        let best = 0, least = Infinity;
        points.forEach((p, i) => {
          const d = (p[at] - x) ** 2 + (p[at + 1] - y) ** 2;
          if (d < least) { least = d; best = i; }
        });
        show(best);
      });
    }
    show(start);
  }

  // Everything open: for reading on, and on paper.
  const openAll = document.getElementById("open-all");
  const all = [...document.querySelectorAll("details")];
  openAll.addEventListener("click", () => {
    const open = openAll.getAttribute("aria-pressed") !== "true";
    openAll.setAttribute("aria-pressed", open);
    openAll.textContent = open ? "Close all details" : "Open all details";
    for (const d of all) d.open = open;
  });
  let before = [];
  addEventListener("beforeprint", () => { before = all.map((d) => d.open); for (const d of all) d.open = true; });
  addEventListener("afterprint", () => all.forEach((d, i) => { d.open = before[i]; }));

  // Few of many models.
  const filter = document.getElementById("filter");
  if (filter) filter.addEventListener("input", () => {
    const word = filter.value.trim().toLowerCase();
    let n = 0;
    for (const el of document.querySelectorAll("[data-name]")) {
      el.hidden = !el.dataset.name.toLowerCase().includes(word);
      if (!el.hidden && el.matches("tr")) n++;
    }
    document.getElementById("filtered").textContent = word ? `${n} found` : "";
  });
})();
