// The log viewer: fills every [data-log] element of the page and keeps it up to date.

import { LogViewer } from "./log/viewer.js";

for (const root of document.querySelectorAll("[data-log]")) new LogViewer(root).start();
