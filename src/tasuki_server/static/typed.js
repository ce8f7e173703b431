// SPDX-License-Identifier: Apache-2.0
// What was typed and not saved is not left without a word: links, keys and the acts of other forms ask first.
// data-unheld: an act that never waits for an answer; data-beside: a link that opens beside what was typed.
"use strict";
(() => {
  const dialog = () => document.getElementById("typed-dialog");
  let touched = new WeakSet();
  // Forms the server sent back with what was typed in them: nothing differs from what the page came with.
  let returned = new WeakSet();
  const unsaved = new WeakSet();

  const isByHtmx = (form) => form.hasAttribute("hx-post") && !isSelfSaving(form);
  const isSelfSaving = (form) =>
    form.hasAttribute("data-autosave") || /change|input/.test(form.getAttribute("hx-trigger") || "");
  const isLookup = (form) =>
    (form.getAttribute("method") || "get").toLowerCase() !== "post" && !form.hasAttribute("hx-post");
  const isKept = (form) => isLookup(form) || (isSelfSaving(form) && !unsaved.has(form)) || form.matches("[data-unheld]");

  // Fields a person writes in. One with an address of its own saves itself; a secret is not kept by anybody.
  const isWritten = (field) =>
    field.matches("input, textarea, select") &&
    !field.matches("[type=hidden], [type=password], [type=submit], [type=button], [type=reset], [readonly], [hx-post]") &&
    !field.matches("[autocomplete=one-time-code]") &&
    !field.disabled &&
    !field.closest("dialog:not([open])");
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const differs = (field) => {
    if (isTicked(field)) return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const options = [...field.options];
    if (field.multiple || options.some((option) => option.defaultSelected)) {
      return options.some((option) => option.selected !== option.defaultSelected);
    }
    return field.selectedOptions[0] !== options.find((option) => !option.disabled);
  };
  const isFilled = (field) => (isTicked(field) ? field.checked : field.value.trim() !== "");

  const typedIn = (form) => {
    if (isKept(form)) return [];
    const fields = [...form.elements].filter(isWritten);
    if (returned.has(form)) return fields.filter(isFilled);
    return touched.has(form) ? fields.filter(differs) : [];
  };
  const typedBut = (own) => [...document.forms].filter((form) => form !== own).flatMap(typedIn);
  const typedWithin = (place, own) => typedBut(own).filter((field) => place.contains(field));
  const forget = () => {
    touched = new WeakSet();
    returned = new WeakSet();
  };
  const forgetForm = (form) => {
    touched.delete(form);
    returned.delete(form);
  };

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.form) touched.add(event.target.form);
    }, true);
  }

  const spoken = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, small, input, select, textarea, button, .must, .hint").forEach((each) => each.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  const nameOf = (field) => {
    const legend = field.type === "radio" && field.closest("fieldset") && field.closest("fieldset").querySelector("legend");
    const label = legend || (field.labels && field.labels[0]);
    return (label && spoken(label)) || field.getAttribute("aria-label") || field.placeholder || field.name;
  };

  const ask = (fields, go) => {
    const box = dialog();
    if (box.open) return;
    const names = [...new Set(fields.map(nameOf))];
    const shown = names.slice(0, 3).map((name) => box.dataset.name.replace("{}", () => name)).join("");
    const more = names.length > 3 ? box.dataset.more.replace("{}", names.length - 3) : "";
    box.querySelector("[data-names]").textContent = shown + more;
    box.querySelector("[data-stay]").onclick = () => {
      box.close();
      const fold = fields[0].closest("details:not([open])");
      if (fold) fold.open = true;
      fields[0].focus();
    };
    box.querySelector("[data-discard]").onclick = () => {
      box.close();
      forget();
      go();
    };
    box.showModal();
  };
  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!dialog() || !link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isHere = link.origin + link.pathname + link.search === location.origin + location.pathname + location.search;
    if (link.target === "_blank" || link.hasAttribute("download") || link.matches("[hx-get], [hx-post]")) return;
    if ((isHere && link.hash) || !/^https?:$/.test(link.protocol)) return;
    const fields = typedBut(null);
    if (!fields.length) return;
    if (link.matches("[data-beside]")) {
      link.target = "_blank";
      setTimeout(() => link.removeAttribute("target"));
      return;
    }
    hold(event);
    ask(fields, () => link.click());
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const by = event.submitter;
    if (!dialog() || event.defaultPrevented || isByHtmx(form) || form.hasAttribute("hx-get")) return;
    if (form.target === "_blank" || form.closest("dialog")) return;
    if (form.matches("[data-unheld]")) {
      forget();
      return;
    }
    const fields = typedBut(form);
    if (!fields.length) return;
    hold(event);
    ask(fields, () => form.requestSubmit(by && by.isConnected ? by : undefined));
  }, true);
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) forgetForm(event.target);
  });

  // A part of the page that is made anew takes with it what was typed in it.
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, triggeringEvent, issueRequest } = event.detail;
    if (!dialog() || !target || !triggeringEvent || !/^(click|submit)$/.test(triggeringEvent.type)) return;
    const fields = typedWithin(target, elt.closest("form"));
    if (!fields.length) return;
    event.preventDefault();
    ask(fields, () => issueRequest(true));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target } = event.detail;
    const isPoll = requestConfig.verb === "get" && !requestConfig.triggeringEvent;
    if (isPoll && target && typedWithin(target, null).length) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    // Not htmx's own word: for it a refusal that is shown has gone well.
    const successful = xhr.status >= 200 && xhr.status < 300;
    if (elt.tagName !== "FORM" || requestConfig.verb === "get") return;
    if (!isSelfSaving(elt)) {
      if (successful) forgetForm(elt);
    } else if (successful) unsaved.delete(elt);
    else unsaved.add(elt);
  });

  const isRefusal = (status) => status === 400 || status === 409 || status === 422;
  const take = (forms, path) => {
    const sent = forms.filter((form) => {
      const address = form.getAttribute("hx-post") || form.getAttribute("action") || "";
      return !isLookup(form) && new URL(address, location.href).pathname === path;
    });
    const marked = sent.filter((form) => [...form.elements].some((field) => field.matches("[aria-invalid=true]")));
    for (const form of marked.length ? marked : sent) returned.add(form);
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb === "get" || !isRefusal(xhr.status)) return;
    take([...document.forms], new URL(requestConfig.path, location.href).pathname);
  });
  const start = () => {
    const [arrival] = performance.getEntriesByType("navigation");
    // A browser that does not tell the status: the list of faults tells that something was refused.
    const isRefused = arrival && arrival.responseStatus ? isRefusal(arrival.responseStatus) : document.querySelector("#main .errorlist");
    if (isRefused) take([...document.forms], location.pathname);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();

  window.addEventListener("beforeunload", (event) => {
    if (dialog() && typedBut(null).length) event.preventDefault();
  });
})();
