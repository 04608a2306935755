// Light or dark: as the system says, until the button is pressed. Everything else works without this.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  root.classList.add("scripted");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  try {
    const kept = localStorage.getItem("ssg-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* pages opened as files may have no storage */ }
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("ssg-theme", root.dataset.theme); } catch { /* as above */ }
    show();
  });
  system.addEventListener("change", show);
  show();
})();
