// @ts-check
// A text field that grows with its text. The stylesheet sets the limit.

/** @param {HTMLTextAreaElement} field */
export function autosize(field) {
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  field.addEventListener("input", fit);
  requestAnimationFrame(fit);
  return fit;
}
