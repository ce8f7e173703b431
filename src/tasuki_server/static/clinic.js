// SPDX-License-Identifier: Apache-2.0
// The order table and the search boxes by keyboard; a draft that is not yet sent is sent on leaving.
"use strict";
(() => {
  const shown = (box) => {
    const list = document.getElementById(box.dataset.pick);
    const found = list && list.querySelector("[role=listbox]");
    return found ? { list, found, options: [...found.querySelectorAll("[role=option]")] } : null;
  };

  const mark = (options, chosen) => {
    for (const option of options) option.setAttribute("aria-selected", option === chosen ? "true" : "false");
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  };

  const clear = (box) => {
    const list = document.getElementById(box.dataset.pick);
    if (list) list.replaceChildren();
  };

  // The order on its way, and what was entered behind it: each goes when the answer before it is on the page.
  let adding = null;
  const waiting = [];
  // Told to the page, which is not left meanwhile.
  const tellEntering = () => {
    const isEntering = adding !== null || waiting.length > 0;
    const form = document.getElementById("order-entry");
    if (form) form.toggleAttribute("data-entering", isEntering);
    if (!isEntering) document.dispatchEvent(new Event("entered"));
  };

  // A box with candidates: arrows choose, Enter takes the chosen one, Escape closes.
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.isComposing || !box.dataset || !box.dataset.pick) return;
    const open = shown(box);
    const at = open ? open.options.findIndex((option) => option.getAttribute("aria-selected") === "true") : -1;
    if (event.key === "Enter" && adding && box.id === "order-text") {
      event.preventDefault();
      const chosen = open && open.found.dataset.for === box.value ? open.options[at] || open.options[0] : null;
      if (box.value.trim()) waiting.push({ text: box.value, code: chosen ? chosen.value : "" });
      box.value = "";
      clear(box);
      return;
    }
    if (!open) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(open.options, open.options[(at + step + open.options.length) % open.options.length]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      clear(box);
    } else if (event.key === "Enter" && !event.ctrlKey) {
      // Candidates of an older text are not what was typed: the server decides by the text itself.
      if (open.found.dataset.for !== box.value) return;
      event.preventDefault();
      (open.options[at] || open.options[0]).click();
    }
  });

  // Enter in a field of the table goes to the field named there.
  document.addEventListener("keydown", (event) => {
    const here = event.target;
    if (event.key !== "Enter" || event.isComposing || !here.dataset || !here.dataset.enter) return;
    event.preventDefault();
    const next = document.getElementById(here.dataset.enter) || document.getElementById("order-text");
    if (next) next.focus();
  });

  // Keys of a row act on the row in which the cursor stands.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.isComposing) return;
    const key = `Alt+${event.key}`;
    const here = document.activeElement;
    for (const scope of [here.closest("tr"), here.closest("[data-order]")]) {
      const act = scope && scope.querySelector(`[data-row-key="${key}"]`);
      if (!act) continue;
      event.preventDefault();
      act.click();
      return;
    }
  });

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[inputmode]") && event.target.closest("[data-order]")) event.target.select();
  });

  // A chosen candidate fills fields of the form instead of being sent.
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-fill]");
    if (!chosen) return;
    const values = chosen.dataset.fillValues.split("|");
    chosen.dataset.fill.split("|").forEach((id, index) => {
      document.getElementById(id).value = values[index];
    });
    chosen.closest(".pick-list").replaceChildren();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const box = document.querySelector(`[data-pick="${event.target.id}"]`);
    if (box) {
      const open = shown(box);
      if (open) mark(open.options, open.options[0]);
    }
    const dialog = event.target.closest && event.target.closest("dialog");
    if (dialog && !dialog.open) {
      dialog.showModal();
      const first = dialog.querySelector("[autofocus]");
      if (first) first.focus();
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (!event.detail.successful || !form.matches) return;
    if (form.matches("[data-close-after]")) {
      form.closest("dialog").close();
      const box = document.getElementById("order-text");
      if (box) box.focus();
    }
  });
  // Typing goes on while an order is being added: the box is free at once, and digits typed before the answer belong to
  // the field it asks for. An order waits behind a row that is being written, so what is sent is what was entered then.
  let queued = null;
  const start = (entry) => {
    queued = entry;
    document.getElementById("order-entry").requestSubmit();
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "order-entry") return;
    const box = document.getElementById("order-text");
    const by = event.submitter;
    const entry = queued || { text: box.value, code: by && by.name === "code" ? by.value : "" };
    if (!queued) {
      box.value = "";
      clear(box);
    }
    queued = null;
    const isEmpty = !entry.code && !entry.text.trim();
    if (!adding && !isEmpty) {
      adding = entry;
      tellEntering();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (!isEmpty) waiting.push(entry);
  }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.id !== "order-entry" || !adding) return;
    event.detail.parameters.text = adding.text;
    if (adding.code) event.detail.parameters.code = adding.code;
    else delete event.detail.parameters.code;
  });
  const isNumber = (text) => /^[0-9０-９.．]+$/.test(text);
  // A browser does not announce a value that a script has set, so it is told when the field is left.
  const carry = (field, text) => {
    let isTold = false;
    const told = () => { isTold = true; };
    field.value = text;
    field.addEventListener("change", told, { once: true });
    field.addEventListener("blur", () => {
      field.removeEventListener("change", told);
      if (!isTold) field.dispatchEvent(new Event("change", { bubbles: true }));
    }, { once: true });
  };
  document.addEventListener("basket-changed", (event) => {
    // Another act of the table was answered: the order entered behind it is still on its way.
    if (adding && event.target.id !== "order-entry") return;
    adding = null;
    const box = document.getElementById("order-text");
    const field = document.activeElement;
    if (!box) return;
    const isAsked = field !== box && field.closest("[data-order]");
    if (!waiting.length) {
      if (isAsked && isNumber(box.value)) {
        carry(field, box.value);
        box.value = "";
      }
      tellEntering();
      return;
    }
    if (isAsked && isNumber(waiting[0].text)) {
      field.value = waiting.shift().text;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    box.focus();
    tellEntering();
    if (waiting.length) start(waiting.shift());
    else if (box.value) box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, (event) => {
      if (event.target.id === "order-entry") document.dispatchEvent(new Event("basket-kept"));
    });
  }
  document.addEventListener("basket-kept", (event) => {
    if (adding && event.target !== document && event.target.id !== "order-entry") return;
    const sent = adding ? adding.text : "";
    adding = null;
    const box = document.getElementById("order-text");
    waiting.length = 0;
    tellEntering();
    if (!box || box.value) return;
    box.value = sent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Text typed in the last second is not lost with the page.
  let isDirty = false;
  let isLeaving = false;
  const form = () => document.querySelector("form[data-autosave]");
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-autosave]")) isDirty = true;
  });
  document.addEventListener("submit", (event) => {
    if (event.target === form()) isLeaving = true;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form()) return;
    // What is sent already carries the text; saved once more, it would come after the signature as a new draft.
    if (isLeaving) event.preventDefault();
    isDirty = false;
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target === form()) isDirty = true;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isLeaving = false;
  });
  window.addEventListener("pagehide", () => {
    if (isDirty && !isLeaving && form()) navigator.sendBeacon(form().action, new FormData(form()));
  });

  // A link to a field opens the folded part it stands in and goes there.
  const goTo = (hash) => {
    const field = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!field) return false;
    const part = field.closest("details");
    if (part) part.open = true;
    field.scrollIntoView({ block: "center" });
    field.focus();
    return true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".wanted a");
    if (!link || new URL(link.href).pathname !== location.pathname) return;
    if (goTo(new URL(link.href).hash)) event.preventDefault();
  });
  window.addEventListener("load", () => goTo(location.hash));

  // The board is not renewed under an open menu.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const isPoll = event.detail.requestConfig && event.detail.requestConfig.verb === "get";
    if (event.target.id === "board" && isPoll && document.querySelector("#board details[open]")) {
      event.detail.shouldSwap = false;
    }
  });
})();
