// Runs before the page is drawn, so that what needs JavaScript neither flashes in nor out.
document.documentElement.classList.add("has-js");
