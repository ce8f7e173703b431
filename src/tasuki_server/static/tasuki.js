// SPDX-License-Identifier: Apache-2.0
// Keys shown beside an act press it; a form is sent once; focus and scroll survive a swap. Pages read fine without this.
"use strict";
(() => {
  const spell = (event) => {
    const parts = [];
    if (event.ctrlKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    if (event.shiftKey && event.key.length > 1) parts.push("Shift");
    const name = /^(Digit|Key)/.test(event.code) ? event.code.replace(/^(Digit|Key)/, "") : event.key;
    parts.push(name.length === 1 ? name.toUpperCase() : name);
    return parts.join("+");
  };

  const isField = (element) => /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "submit";

  const isTyping = (element) =>
    element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);

  const fold = (element) => element.closest("details:not([open])");
  // A field in a folded part counts: its key opens the part.
  const isShown = (element) =>
    !element.disabled && (fold(element) ? isField(element) : element.getClientRects().length > 0);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const key = spell(event);
    // A bare letter belongs to the field being typed in.
    if (isTyping(document.activeElement) && key.length === 1) return;
    // A question opened above another dialog stands behind it in the page.
    const dialog = [...document.querySelectorAll("dialog[open]")].pop() || document;
    const target = [...dialog.querySelectorAll("[data-key]")].find(
      (element) => element.dataset.key.split(" ").includes(key) && isShown(element),
    );
    if (!target) return;
    event.preventDefault();
    if (isField(target)) {
      if (fold(target)) fold(target).open = true;
      target.focus();
      if (target.select) target.select();
    } else {
      target.click();
    }
  });

  // A page is left only after what it is still writing has arrived: an act overtaken by the next one comes too late.
  const writing = new Set();
  let parted = null;
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.detail.requestConfig.verb !== "get") writing.add(event.detail.xhr);
  });
  // Entries that wait for the answer to the one before are not written yet either.
  const isBusy = () => writing.size > 0 || document.querySelector("[data-entering]") !== null;
  const part = () => {
    if (!parted || isBusy()) return;
    const { form, by, patience } = parted;
    parted = null;
    clearTimeout(patience);
    // After the answer is on the page, so that the form carries what it brought.
    setTimeout(() => {
      if (form.isConnected) form.requestSubmit(by && by.isConnected ? by : undefined);
    });
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    writing.delete(event.detail.xhr);
    part();
  });
  document.addEventListener("entered", part);
  document.addEventListener(
    "submit",
    (event) => {
      // Parts of a page are sent side by side, but for those that ask about what is being written.
      const isBeside = event.target.matches("[hx-post]:not([data-autosave], [data-after-writing])");
      if (!isBusy() || isBeside || event.target.target === "_blank") return;
      event.preventDefault();
      event.stopPropagation();
      if (parted) clearTimeout(parted.patience);
      // An answer that never comes holds nobody: the form carries the text itself.
      const patience = setTimeout(() => {
        writing.clear();
        document.querySelectorAll("[data-entering]").forEach((form) => form.removeAttribute("data-entering"));
        part();
      }, 8000);
      parted = { form: event.target, by: event.submitter, patience };
    },
    true,
  );

  // Enter never saves twice: after the first submit the form waits for its answer.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented || form.hasAttribute("hx-get") || form.target === "_blank") return;
    form.dataset.sent = "yes";
    const note = form.querySelector("[data-busy-note]");
    if (note) note.hidden = false;
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) button.disabled = true;
    });
  });
  const free = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button, input[type=submit]")) button.disabled = false;
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form");
    if (form) free(form);
  });
  // Coming back by the browser's own history: the page is as it was left, so it may be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(free);
  });

  // A board that asks by itself is nobody at work: the server does not count it as an act, and an empty desk is signed out.
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, triggeringEvent, headers } = event.detail;
    if (verb === "get" && !triggeringEvent) headers["X-Tasuki-Poll"] = "yes";
  });

  // htmx leaves answers of 4xx aside; ours carry a message for the user, so they are shown.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status === 400 || status === 409 || status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      if (status === 409) event.detail.target = document.body;
    }
  });

  // A link or button that leaves for good may ask first: data-confirm holds the question.
  document.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-confirm]");
    if (asking) {
      // Whatever else is lost by it is told in the same question.
      const question = new CustomEvent("confirming", { bubbles: true, detail: { words: asking.dataset.confirm } });
      asking.dispatchEvent(question);
      if (!window.confirm(question.detail.words)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    }
    const printing = event.target.closest("[data-print]");
    if (printing) window.print();
    const closing = event.target.closest("[data-close]");
    if (closing) closing.closest("dialog").close();
    const opening = event.target.closest("[data-open]");
    if (opening) document.getElementById(opening.dataset.open).showModal();
  }, true);

  // Rows of a table are walked with the arrow keys when the table asks for it: data-rows.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const here = document.activeElement || document.body;
    // While nothing has the focus, the down arrow enters the first such table of the page.
    const isNowhere = (here === document.body || here.id === "main") && event.key === "ArrowDown";
    const table = isNowhere ? document.querySelector("[data-rows]") : here.closest("[data-rows]");
    if (!table || /^(TEXTAREA|SELECT)$/.test(here.tagName)) return;
    const rows = [...table.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row === here || row.contains(here));
    const next = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    (next.matches("a,button,input,[tabindex]") ? next : next.querySelector("a,button,input,[tabindex]") || next).focus();
  });

  const spoken = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
  const showKeys = (root) => {
    for (const element of root.querySelectorAll("[data-key]:not([data-key-shown])")) {
      element.dataset.keyShown = "yes";
      element.setAttribute("aria-keyshortcuts", element.dataset.key);
      if (/^(TEXTAREA|SELECT)$/.test(element.tagName) || element.querySelector("kbd")) continue;
      const kbd = document.createElement("kbd");
      kbd.textContent = element.dataset.key.split(" ")[0].replace(/[A-Z][A-Za-z]+$/, (name) => spoken[name] || name);
      if (element.tagName !== "INPUT") element.append(" ", kbd);
      else if (element.labels[0] && element.labels[0].contains(element)) {
        const word = document.createElement("span");
        element.before(word);
        if (word.previousSibling) word.append(word.previousSibling, " ", kbd);
      } else if (element.labels[0]) element.labels[0].append(" ", kbd);
    }
  };
  const start = () => showKeys(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:afterSwap", (event) => showKeys(event.target.parentNode || document));
})();
