// Sets the chosen theme before the first paint; without a choice the system's is taken.
"use strict";
(function () {
  let choice = null;
  try {
    choice = localStorage.getItem("tideline.theme");
  } catch {
    // Storage is closed to us: the system's theme it is.
  }
  const dark =
    choice === "dark" ||
    (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
