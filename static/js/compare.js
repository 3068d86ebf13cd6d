// The versions ticked in a model's table, or the profiles in theirs: how many, and whether they can be compared.
const form = document.querySelector("#compare-form:has([data-compare])");
const MOST = Number(form?.dataset.most ?? 10);

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
