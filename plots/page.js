"use strict";
// What a mark stands for, beside the pointer.
const tip = document.getElementById("tip");
document.addEventListener("mousemove", event => {
  const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
  tip.style.display = mark ? "block" : "none";
  if (!mark) return;
  tip.textContent = mark.dataset.tip;
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const above = event.clientY + 18 + tip.offsetHeight > window.innerHeight;
  tip.style.left = left + "px";
  tip.style.top = event.clientY + (above ? -tip.offsetHeight - 10 : 18) + "px";
});
// A click on the head of a column sorts its table; empty cells come last either way.
function valueOf(row, column) {
  const text = row.cells[column].textContent.trim();
  const number = Number(text.replace(/,/g, ""));
  return text === "" ? null : Number.isNaN(number) ? text : number;
}
function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", {numeric: true});
}
document.querySelectorAll("table.sortable th button").forEach(button => {
  button.addEventListener("click", () => {
    const head = button.closest("th"), body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    head.parentNode.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = Array.from(body.rows).map(row => [valueOf(row, head.cellIndex), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return down ? compare(b, a) : compare(a, b);
    });
    rows.forEach(([, row]) => body.appendChild(row));
  });
});
