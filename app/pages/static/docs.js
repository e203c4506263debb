// Starts Swagger UI on this page's own description. No address but our own is ever asked.
"use strict";

const holder = document.getElementById("swagger");
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function followTheme() {
  document.documentElement.classList.toggle("dark-mode", prefersDark.matches);
}

followTheme();
prefersDark.addEventListener("change", followTheme);

// What the bundle leaves out for those who hear the page or use it by keys: names of fields, a way into what scrolls; and
// an operation's button has a link inside, which is a second stop for the same thing.
function complete() {
  for (const link of holder.querySelectorAll("button a[href]")) link.removeAttribute("href");
  for (const list of holder.querySelectorAll("select:not([aria-label])")) list.setAttribute("aria-label", "Choose one");
  for (const text of holder.querySelectorAll("textarea:not([aria-label])")) text.setAttribute("aria-label", "The body");
  for (const button of holder.querySelectorAll(".modal-ux button[type=submit]")) button.removeAttribute("aria-label");
  for (const cross of holder.querySelectorAll(".close-modal:not([aria-label])")) cross.setAttribute("aria-label", "Close");
  for (const code of holder.querySelectorAll(".highlight-code > pre:not([tabindex])")) code.setAttribute("tabindex", "0");
}

new MutationObserver(complete).observe(holder, { childList: true, subtree: true });

SwaggerUIBundle({
  url: holder.dataset.description,
  domNode: holder,
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null,
});
