// Starts Swagger UI on this page's own description. No address but our own is ever asked.
"use strict";

const holder = document.getElementById("swagger");
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function followTheme() {
  document.documentElement.classList.toggle("dark-mode", prefersDark.matches);
}

followTheme();
prefersDark.addEventListener("change", followTheme);

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
