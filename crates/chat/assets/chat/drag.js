// @ts-check
// Dragging the rows of a list with a pointer. What a drop means is the list's business.

/** @typedef {"before" | "after" | "inside"} Side */

/**
 * @param {HTMLElement} list
 * @param {object} options
 * @param {string} options.rows selector of what is dragged and dropped on; `data-drag` names it, and only rows with `draggable` are taken
 * @param {(dragged: string, target: HTMLElement) => Side[]} options.sides where one row may be dropped at another
 * @param {(dragged: string, target: string, side: Side) => void} options.drop
 */
export function sortable(list, { rows, sides, drop }) {
  let dragged = "";
  /** @type {HTMLElement | null} */
  let marked = null;
  const unmark = () => {
    if (marked) delete marked.dataset.drop;
    marked = null;
  };
  /** @param {Event} event */
  const rowOf = (event) => {
    const row = event.target instanceof Element ? event.target.closest(rows) : null;
    return row instanceof HTMLElement && row.dataset.drag ? row : null;
  };
  /** @param {DragEvent} event @param {HTMLElement} row @returns {Side | null} */
  const sideOf = (event, row) => {
    const allowed = sides(dragged, row);
    if (allowed.length < 2) return allowed[0] ?? null;
    const box = row.getBoundingClientRect();
    const wanted = event.clientY < box.top + box.height / 2 ? "before" : "after";
    return allowed.includes(wanted) ? wanted : (allowed[0] ?? null);
  };
  list.addEventListener("dragstart", (event) => {
    const row = rowOf(event);
    if (!row?.draggable || !event.dataTransfer) return;
    dragged = row.dataset.drag ?? "";
    event.dataTransfer.setData("text/plain", row.textContent?.trim() ?? "");
    event.dataTransfer.effectAllowed = "move";
    row.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    if (!dragged || !row) return;
    const side = row.dataset.drag === dragged ? null : sideOf(event, row);
    unmark();
    if (!side) return;
    event.preventDefault();
    event.stopPropagation();
    row.dataset.drop = side;
    marked = row;
  });
  list.addEventListener("dragleave", (event) => !list.contains(/** @type {Node | null} */ (event.relatedTarget)) && unmark());
  list.addEventListener("drop", (event) => {
    const row = rowOf(event);
    const side = row && dragged && row.dataset.drag !== dragged ? sideOf(event, row) : null;
    if (!row || !side) return;
    event.preventDefault();
    event.stopPropagation();
    drop(dragged, row.dataset.drag ?? "", side);
  });
  list.addEventListener("dragend", (event) => {
    rowOf(event)?.classList.remove("dragged");
    unmark();
    dragged = "";
  });
}
