// Loaded before anything is drawn, so that a chosen theme does not flash. The system's own is the default.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  // A browser may keep no storage for us; then the system decides.
}
