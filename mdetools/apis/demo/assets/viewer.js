// The slider between picture and depth, and the value under the cursor. gr.HTML runs this with `element`, which stays
// while its content changes, and `watch`, which tells of that.
const stage = () => element.querySelector(".stage");
window.resultBefore = sessionStorage.getItem("result") ?? ""; // of this tab, if it is loaded again
let split = 50, grid = { address: "", values: null };

function setSplit(percent) {
  split = Math.min(100, Math.max(0, percent));
  element.style.setProperty("--split", split + "%");
  element.querySelector(".divider")?.setAttribute("aria-valuenow", Math.round(split));
}

async function load() {
  setSplit(split);
  hide();
  const at = stage();
  if (!at || grid.address === at.dataset.values) return;
  const address = at.dataset.values;
  grid = { address, values: null };
  sessionStorage.setItem("result", at.dataset.result);
  const answer = await fetch(address);
  const content = answer.ok ? await answer.arrayBuffer() : null;
  if (!content || grid.address !== address) return;
  grid.values = new Float32Array(content);
  element.dataset.loaded = address;
}

function text(value, unit) {
  if (!Number.isFinite(value)) return "no depth";
  if (value === 0) return "0 " + unit;
  const digits = Math.abs(value) > 1e-4 ? 2 - Math.floor(Math.log10(Math.abs(value))) : 4;
  return value.toFixed(Math.min(Math.max(digits, 0), 4)) + " " + unit;
}

// The sampled pixel next to a place on the screen, and its value.
function sample(event) {
  const at = stage(), box = at.getBoundingClientRect(), data = at.dataset;
  const u = (event.clientX - box.left) / box.width, v = (event.clientY - box.top) / box.height;
  if (!grid.values || u < 0 || v < 0 || u >= 1 || v >= 1) return null;
  const nearest = (share, pixels, count) =>
    Math.min(count - 1, Math.max(0, Math.round((Math.floor(share * pixels) - data.first) / data.step)));
  const column = nearest(u, data.width, +data.columns), row = nearest(v, data.height, +data.rows);
  const value = grid.values[row * data.columns + column];
  return { u, v, value, x: +data.first + column * data.step, y: +data.first + row * data.step };
}

function read(event) {
  const found = sample(event);
  if (!found) return hide();
  const reading = element.querySelector(".reading"), cross = element.querySelector(".cross");
  reading.textContent = text(found.value, stage().dataset.unit);
  Object.assign(reading.dataset, { x: found.x, y: found.y, value: found.value });
  reading.classList.toggle("left", found.u > 0.7);
  reading.classList.toggle("above", found.v > 0.8);
  for (const one of [reading, cross]) {
    one.hidden = false;
    one.style.left = 100 * found.u + "%";
    one.style.top = 100 * found.v + "%";
  }
  const legend = element.querySelector(".legend"), mark = legend.querySelector("i");
  const share = (found.value - legend.dataset.low) / (legend.dataset.high - legend.dataset.low);
  mark.hidden = !Number.isFinite(share);
  mark.style.left = 100 * Math.min(1, Math.max(0, share)) + "%";
}

function hide() {
  for (const one of element.querySelectorAll(".reading, .cross, .legend i")) one.hidden = true;
}

let dragged = false;
element.addEventListener("pointerdown", (event) => {
  dragged = Boolean(event.target.closest(".divider"));
  if (dragged) event.target.setPointerCapture(event.pointerId);
  else if (event.target.closest(".stage")) read(event);
});
element.addEventListener("pointermove", (event) => {
  if (!dragged) return event.target.closest(".stage") ? read(event) : hide();
  const box = stage().getBoundingClientRect();
  setSplit((100 * (event.clientX - box.left)) / box.width);
  hide();
});
element.addEventListener("pointerup", () => (dragged = false));
element.addEventListener("pointercancel", () => (dragged = false));
element.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
element.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 }[event.key];
  if (step && event.target.closest(".divider")) setSplit(split + step), event.preventDefault();
});
watch("value", load);
load();
