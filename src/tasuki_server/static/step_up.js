// SPDX-License-Identifier: Apache-2.0
// The question for the second factor inside a page: a dialog above what was typed, then the same act again.
"use strict";
(() => {
  let waiting = null;
  const place = () => document.getElementById("step-up-place");
  const dialog = () => document.getElementById("step-up-dialog");

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status !== 401 || xhr.getResponseHeader("Tasuki-Step-Up") !== "asked") return;
    const isAnswer = requestConfig.elt.closest("#step-up-place") !== null;
    // A board that polls asks again and again: the first question stays while a person answers it.
    event.detail.shouldSwap = isAnswer || !dialog() || !dialog().open;
    event.detail.isError = false;
    event.detail.target = place();
    if (!isAnswer && event.detail.shouldSwap) waiting = requestConfig;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === place() && dialog()) {
      dialog().showModal();
      prepare(dialog());
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.getResponseHeader("Tasuki-Step-Up") !== "proved" || !dialog()) return;
    dialog().close();
    place().replaceChildren();
    const act = waiting;
    waiting = null;
    if (!act || !act.elt.isConnected) return;
    if (act.elt.tagName === "FORM") act.elt.requestSubmit();
    else window.htmx.trigger(act.elt, act.triggeringEvent ? act.triggeringEvent.type : "click");
  });

  // A saved file cannot carry a question: its link asks first when the last proof has grown old.
  const begun = performance.now();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step-up]");
    const left = Number(document.body.dataset.proved || 0) * 1000 - (performance.now() - begun);
    if (!link || left > 5000) return;
    event.preventDefault();
    window.location.assign(`/accounts/step-up/?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
  });

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const askKey = async (button) => {
    const form = button.closest("form");
    const { publicKey } = JSON.parse(document.getElementById(button.dataset.passkey).textContent).request_options;
    const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
    options.allowCredentials = (publicKey.allowCredentials || []).map((each) => ({ ...each, id: bytes(each.id) }));
    const found = await navigator.credentials.get({ publicKey: options });
    const { response } = found;
    form.querySelector("[name=step_up_credential]").value = JSON.stringify({
      type: found.type,
      id: found.id,
      rawId: text(found.rawId),
      clientExtensionResults: found.getClientExtensionResults(),
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    });
    form.requestSubmit();
  };
  const prepare = (root) => {
    for (const button of root.querySelectorAll("[data-passkey]")) {
      // Whoever cancels the browser's own question stays where they are.
      button.addEventListener("click", () => askKey(button).catch(() => button.focus()));
    }
  };
  const start = () => prepare(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
