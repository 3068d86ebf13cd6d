// The versions ticked in a model's table: how many, and whether they can be compared.
const MOST = 10;
const form = document.getElementById("compare-form");

function refresh() {
  const chosen = form.querySelectorAll("[data-select]:checked").length;
  const button = form.querySelector("[data-compare]");
  const note = form.querySelector("[data-chosen-note]");
  button.disabled = chosen < 2 || chosen > MOST;
  if (chosen > MOST) note.textContent = `${chosen} are chosen, ${MOST} is the most`;
  else if (chosen) note.textContent = `${chosen} chosen${chosen < 2 ? ", tick one more" : ""}`;
  else note.textContent = "Tick two or more to compare";
}

if (form) {
  form.addEventListener("change", refresh);
  // Back shows the boxes as they were left.
  window.addEventListener("pageshow", refresh);
  refresh();
}
