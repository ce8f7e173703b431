// SPDX-License-Identifier: Apache-2.0
// What was typed and not saved is not left without a word: links, keys and the acts of other forms ask first.
// data-unheld: an act that never waits for an answer; data-beside: a link that opens beside what was typed, such as to
// a file: its refusals, and the sign-in when the session has ended, do not take the place of the text either.
"use strict";
(() => {
  const dialog = () => document.getElementById("typed-dialog");
  const ended = () => document.getElementById("ended-dialog");
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

  // Ticks and choices alone are options of a button: setting them again is as quick as answering.
  const isOption = (field) => isTicked(field) || field.tagName === "SELECT";
  const writtenIn = (form) => {
    const fields = [...form.elements].filter(isWritten);
    if (isLookup(form) || fields.every(isOption)) return [];
    if (returned.has(form)) return fields.filter(isFilled);
    return touched.has(form) ? fields.filter(differs) : [];
  };
  const typedIn = (form) => (isKept(form) ? [] : writtenIn(form));
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
  const forgetFields = (fields) => fields.forEach((field) => forgetForm(field.form));

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

  const namesOf = (fields) => {
    const { name: pattern, more } = dialog().dataset;
    const names = [...new Set(fields.map(nameOf))];
    const shown = names.slice(0, 3).map((name) => pattern.replace("{}", () => name)).join("");
    return shown + (names.length > 3 ? more.replace("{}", names.length - 3) : "");
  };

  const ask = (fields, go) => {
    const box = dialog();
    if (box.open) return;
    box.querySelector("[data-names]").textContent = namesOf(fields);
    box.querySelector("[data-stay]").onclick = () => {
      box.close();
      const fold = fields[0].closest("details:not([open])");
      if (fold) fold.open = true;
      fields[0].focus();
    };
    box.querySelector("[data-discard]").onclick = () => {
      box.close();
      forgetFields(fields);
      go();
    };
    box.showModal();
  };

  // A button with a question of its own asks once, and tells in it what else is lost.
  let agreed = null;
  const isAgreed = (act, fields) => {
    if (!act || act !== agreed) return false;
    forgetFields(fields);
    return true;
  };
  document.addEventListener("confirming", (event) => {
    const { target, detail } = event;
    const form = target.form || null;
    const place = form && isByHtmx(form) ? document.querySelector(form.getAttribute("hx-target")) : document;
    const fields = dialog() && place ? typedWithin(place, form) : [];
    if (!fields.length) return;
    detail.words += `\n\n${dialog().dataset.also.replace("{}", () => namesOf(fields))}`;
    agreed = target;
    setTimeout(() => { agreed = null; });
  });

  // Whose session stands, asked before text is sent: an answer that leads to the sign-in would throw it away.
  const standing = async () => {
    const { standing: address, who } = ended().dataset;
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(10000) });
      if (answer.headers.has("HX-Redirect")) return "ended";
      if (answer.status >= 500) return "away";
      const token = answer.headers.get("Tasuki-Form-Token");
      // Any other refusal is the act's own to explain.
      if (!token) return "here";
      if (answer.headers.get("Tasuki-Who") !== who) return "other";
      for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      return "here";
    } catch {
      return "away";
    }
  };
  const tell = (state, again) => {
    const box = ended();
    const resume = box.querySelector("[data-again]");
    for (const each of box.querySelectorAll("[data-when]")) each.hidden = !each.dataset.when.split(" ").includes(state);
    // Nobody who comes by reads a page whose session has ended.
    box.toggleAttribute("data-covers", state !== "away");
    box.querySelector("[data-sign-in]").onclick = () => resume.focus();
    resume.onclick = async () => {
      const now = await standing();
      if (now !== "here") {
        tell(now, again);
        return;
      }
      box.close();
      again();
    };
    box.querySelector("[data-back]").onclick = () => box.close();
    box.querySelector("[data-discard]").onclick = () => {
      forget();
      location.assign(box.querySelector("[data-sign-in]").href);
    };
    if (!box.open) box.showModal();
  };
  let isChecking = false;
  let passed = null;
  const send = async (form, by) => {
    const go = () => {
      if (!form.isConnected) return;
      passed = form;
      form.requestSubmit(by && by.isConnected ? by : undefined);
      passed = null;
    };
    isChecking = true;
    const state = await standing();
    isChecking = false;
    if (state === "here") go();
    else tell(state, go);
  };
  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!dialog() || !link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isHere = link.origin + link.pathname + link.search === location.origin + location.pathname + location.search;
    if (link.target === "_blank" || link.matches("[hx-get], [hx-post]")) return;
    if ((isHere && link.hash) || !/^https?:$/.test(link.protocol)) return;
    const fields = typedBut(null);
    if (!fields.length || isAgreed(link, fields)) return;
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
    if (form.target === "_blank" || passed === form) return;
    if (form.matches("[data-unheld]")) {
      forget();
      return;
    }
    const fields = form.closest("dialog") ? [] : typedBut(form);
    if (fields.length && !isAgreed(by, fields)) {
      hold(event);
      ask(fields, () => form.requestSubmit(by && by.isConnected ? by : undefined));
    } else if (ended() && writtenIn(form).length) {
      hold(event);
      if (!isChecking) send(form, by);
    }
  }, true);
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) forgetForm(event.target);
  });

  // A part of the page that is made anew takes with it what was typed in it.
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, target, triggeringEvent, issueRequest } = event.detail;
    if (!dialog() || !target || !triggeringEvent || !/^(click|submit)$/.test(triggeringEvent.type)) return;
    const fields = typedWithin(target, elt.closest("form"));
    if (!fields.length || isAgreed(triggeringEvent.submitter || elt, fields)) return;
    event.preventDefault();
    ask(fields, () => issueRequest(true));
  });
  // The whole page would go to the sign-in, and what was typed with it.
  const isToSignIn = (xhr) => {
    const target = xhr.getResponseHeader("HX-Redirect");
    return target && ended() && new URL(target, location.href).href === ended().querySelector("[data-sign-in]").href;
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    if (!isToSignIn(xhr)) return;
    const isWrite = requestConfig.verb !== "get";
    const isText = elt.tagName === "FORM" ? touched.has(elt) || returned.has(elt) : isWritten(elt);
    if (isWrite && elt.tagName === "FORM" && isSelfSaving(elt)) unsaved.add(elt);
    if (!(isWrite && isText) && !typedBut(null).length) return;
    event.preventDefault();
    if (isWrite) window.htmx.trigger(elt, "htmx:responseError", event.detail);
    if (ended().open) return;
    const { type, submitter } = requestConfig.triggeringEvent || {};
    tell("ended", () => {
      if (!isWrite || !elt.isConnected) return;
      if (type === "submit") elt.requestSubmit(submitter && submitter.isConnected ? submitter : undefined);
      else window.htmx.trigger(elt, type);
    });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target } = event.detail;
    const isPoll = requestConfig.verb === "get" && !requestConfig.triggeringEvent;
    if (isPoll && target && typedWithin(target, null).length) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    // Not htmx's own word: for it a refusal that is shown has gone well.
    const successful = xhr.status >= 200 && xhr.status < 300 && !isToSignIn(xhr);
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
