// Keeps the progress of running jobs current by server-sent events.

/** @param {number} seconds */
function briefly(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** @param {HTMLElement} place */
function follow(place) {
  const source = new EventSource(`/v2/jobs/${place.dataset.job}/events?language=${document.documentElement.lang}`);
  source.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    if (["done", "dead", "cancelled"].includes(job.state)) {
      source.close();
      location.reload();
      return;
    }
    const bar = place.querySelector("progress");
    const { done, total, words } = job.progress;
    if (bar && total !== null) {
      bar.max = total;
      bar.value = done;
    }
    const at = place.querySelector("[data-words]");
    if (at) at.textContent = words;
    const time = place.querySelector("[data-time]");
    const started = job.started_at ? Date.parse(job.started_at) : 0;
    if (time && started && total && done > 0) {
      const left = ((Date.now() - started) / 1000 / done) * (total - done);
      time.textContent = `≈ ${briefly(left)} ${place.dataset.left}`;
    }
  });
}

// A browser opens only a few connections to one server; the newest jobs come first.
[...document.querySelectorAll("[data-active]")].slice(0, 4).forEach((place) => follow(/** @type {HTMLElement} */ (place)));
