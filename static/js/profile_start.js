// The form that starts a profile: a file that is too large is refused before it is sent.
const input = document.querySelector("[data-most-bytes]");

function check() {
  const most = Number(input.dataset.mostBytes);
  const said = document.querySelector("[data-too-large]");
  const [file] = input.files;
  said.hidden = !file || file.size <= most;
  if (said.hidden) return;
  said.textContent = `${file.name} has ${Math.ceil(file.size / 1e6)} MB; ${most / 1e6} MB is the most. A few hundred different requests are enough.`;
  input.value = "";
}

input?.addEventListener("change", check);
