// What this device remembers for its person: colours, density, keys. A browser that forbids it
// forgets, and works.
const THEMES = ["light", "dark", "auto"];

export function read(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

export function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* forgotten, and that is all */ }
}

function chooseTheme(theme) {
  keep("theme", THEMES.includes(theme) ? theme : "auto");
  dispatchEvent(new Event("theme"));
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-theme-set]")?.dataset.themeSet;
  if (theme) chooseTheme(theme);
  if (event.target.closest("[data-theme-next]")) {
    chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) keep("keys", event.target.checked ? "on" : "off");
});
for (const box of document.querySelectorAll("[data-single-keys]")) box.checked = read("keys") !== "off";
