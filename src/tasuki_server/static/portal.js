// SPDX-License-Identifier: Apache-2.0
// Passkeys: a form's data-options go to the browser's authenticator, its answer goes back in the form's "answer".
"use strict";
(() => {
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (each) => each.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const listed = (keys) => (keys || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = (options, kind) => {
    const made = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") {
      made.user = { ...options.user, id: bytes(options.user.id) };
      made.excludeCredentials = listed(options.excludeCredentials);
    } else {
      made.allowCredentials = listed(options.allowCredentials);
    }
    return { publicKey: made };
  };

  const answer = (credential) => {
    const from = credential.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (from.attestationObject) {
      response.attestationObject = text(from.attestationObject);
      response.transports = from.getTransports ? from.getTransports() : [];
    } else {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      if (from.userHandle) response.userHandle = text(from.userHandle);
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
    };
  };

  const show = (form, name) => {
    const line = form.querySelector(`[data-${name}]`);
    line.hidden = false;
    line.setAttribute("role", "alert");
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) {
      show(form, "unable");
      continue;
    }
    let isAsking = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      if (isAsking) return;
      isAsking = true;
      form.querySelector("[data-broken-off]").hidden = true;
      try {
        const kind = form.dataset.passkey;
        const credential = await navigator.credentials[kind](asked(JSON.parse(form.dataset.options), kind));
        form.elements.answer.value = JSON.stringify(answer(credential));
        form.requestSubmit();
      } catch {
        show(form, "broken-off");
      } finally {
        isAsking = false;
      }
    });
  }
})();
