// Shows Souk's API document. Tokens are typed in by the reader and kept in the page only.

window.SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/api/openapi.json",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  persistAuthorization: false,
  presets: [window.SwaggerUIBundle.presets.apis],
});
