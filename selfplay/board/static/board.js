// The page's own logic: clicks and keys become requests to the server (asking.py), which draws everything.
"use strict";
window.tengenBoard = (() => {
  const $ = (id) => document.getElementById(id);
  const send = (ask, value = null) => emitEvent("ask", { ask, value });
  let focused = "", dismissing = 0, clicked = false; // clicked: the last click was on the board

  function toast(text, kind) {
    const box = $("toast");
    box.textContent = text.charAt(0).toUpperCase() + text.slice(1);
    box.className = `on ${kind || ""}`;
    clearTimeout(dismissing);
    dismissing = setTimeout(() => (box.className = ""), 4500);
  }

  // --- the board ---------------------------------------------------------------------------------------------------
  const hit = (point) => document.querySelector(`.hit[data-point="${point}"]`);
  const middle = (rect) => [rect.x.baseVal.value + rect.width.baseVal.value / 2, rect.y.baseVal.value + rect.height.baseVal.value / 2];

  // The point under the mouse, the one at the keyboard's cursor, and the one of these used last; -1 for none.
  let pointed = -1, cursor = -1, watched = -1;
  let resting = false; // the mouse has not moved since it played

  function watch(point) {
    watched = point;
    resting = false;
    show();
  }

  // Show what belongs to the watched point. Called again after every redraw.
  function show() {
    const rect = hit(watched), board = $("board"), stone = $("ghost");
    if (!board || !stone) return;
    const { turn, lands } = board.dataset, framed = hit(cursor);
    if (framed) {
      const [x, y] = middle(lands ? hit(framed.dataset.action) : framed); // where stones fall, the frame is a column's
      $("cursor").setAttribute("transform", `translate(${x} ${y})`);
    }
    $("cursor").classList.toggle("on", Boolean(framed));
    const target = rect && lands ? hit(lands.split(",")[rect.dataset.action]) : rect; // none in a full column
    const shown = showLine(resting ? null : target); // its first stone is the move itself
    const free = target && !shown && turn !== "none" && !document.querySelector(`.stones [data-at="${target.dataset.point}"]`);
    stone.classList.toggle("on", Boolean(free));
    if (free) stone.setAttribute("transform", `translate(${middle(target)})`);
  }

  // Show the line that the search expects after a move on this point, and no other; returns whether there is one.
  function showLine(rect) {
    const [x, y] = rect ? middle(rect) : [-99, -99];
    let shown = false;
    for (const hint of document.querySelectorAll(".hint")) {
      const spot = hint.querySelector(".spot");
      const here = Math.hypot(spot.cx.baseVal.value - x, spot.cy.baseVal.value - y) < 5;
      hint.classList.toggle("shown", here);
      shown ||= here;
    }
    return shown;
  }

  function moveCursor(rows, columns) {
    const { rows: height, columns: width } = $("board").dataset;
    if (cursor < 0) cursor = Math.floor(height / 2) * width + Math.floor(width / 2);
    else {
      const row = Math.min(height - 1, Math.max(0, Math.floor(cursor / width) + rows));
      const column = Math.min(width - 1, Math.max(0, (cursor % width) + columns));
      cursor = row * width + column;
    }
    watch(cursor);
    $("whisper").textContent = hit(cursor).dataset.name;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return; // a finger does not stay over a point
    const over = Number(event.target.closest?.(".hit")?.dataset.point ?? -1);
    if (over !== pointed) watch((pointed = over));
  });
  document.addEventListener("focusin", (event) => { if (event.target.id === "board" && cursor >= 0) watch(cursor); });
  document.addEventListener("focusout", (event) => { if (event.target.id === "board") watch(pointed); });
  document.addEventListener("pointermove", (event) => {
    if (!resting || !(event.movementX || event.movementY)) return;
    resting = false;
    show();
  });
  document.addEventListener("mousedown", (event) => {
    clicked = Boolean(event.target.closest?.("#board"));
    if (clicked) event.preventDefault(); // a click must not take keyboard focus
  });

  // --- clicks and settings -----------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("[data-point], [data-ask], [data-dialog], [data-close], [data-begin], [data-open]");
    if (!at) return;
    const { point, ask, value, dialog, close, kind } = at.dataset;
    if (point !== undefined) {
      resting = true;
      send("point", Number(point));
    }
    else if (ask) send(ask, kind === "bool" ? value === "true" : value ?? null);
    else if (dialog) $(dialog).showModal();
    else if (close) $(close).close();
    else if (at.dataset.open) $("file").click();
    else if (at.dataset.begin) begin();
  });

  function begin() {
    const wish = {};
    for (const name of ["you", "size", "komi", "handicap"]) if ($(`new-${name}`)) wish[name] = $(`new-${name}`).value;
    $("new").close();
    cursor = -1;
    send("new", wish);
  }

  // With handicap stones White gets half a point, as in a match, unless another komi was typed.
  document.addEventListener("change", ({ target }) => {
    const komi = $("new-komi");
    if (target.id === "new-handicap" && [komi.dataset.usual, "0.5"].includes(komi.value))
      komi.value = target.value === "0" ? komi.dataset.usual : "0.5";
  });

  let typing = false; // keys were pressed in the field that has the focus
  document.addEventListener("focusin", () => (typing = false));
  document.addEventListener("pointerdown", () => (typing = false));
  document.addEventListener("change", (event) => {
    const at = event.target;
    if (at.dataset?.set) {
      send(at.dataset.set, at.type === "checkbox" ? at.checked : at.value);
      if (at.matches("select") && !typing) at.blur(); // chosen by mouse: the keys are the game's again
    }
    if (at.id === "file" && at.files.length) upload(at.files[0]).finally(() => (at.value = ""));
  });

  // Keep the focus, and what is shown at a point, when a region is redrawn.
  document.addEventListener("focusin", (event) => (focused = event.target.id || ""));
  document.addEventListener("focusout", ({ target }) => queueMicrotask(() => {
    if (document.contains(target) && document.activeElement !== target && focused === target.id) focused = "";
  }));
  new MutationObserver(() => {
    if (document.activeElement === document.body && focused) $(focused)?.focus({ preventScroll: true });
    show();
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["data-turn", "data-lands"] });

  // --- records -----------------------------------------------------------------------------------------------------
  async function upload(file) {
    if (file.size > 1e6) return toast("The file has more than 1 MB, the most that a record can have", "error");
    try {
      const answer = await fetch(`${location.pathname}/sgf`, { method: "POST", body: file });
      const told = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
      toast(told.error || told.said, told.error ? "error" : "");
    } catch {
      toast("the server is not responding", "error");
    }
  }
  document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (event.dataTransfer.files.length) upload(event.dataTransfer.files[0]);
  });

  // --- keys --------------------------------------------------------------------------------------------------------
  const steps = { ",": "back", ".": "next", PageUp: "back10", PageDown: "next10", Home: "first", End: "last" };
  const arrows = { ArrowUp: [-1, 0, "up"], ArrowDown: [1, 0, "down"], ArrowLeft: [0, -1, "back"], ArrowRight: [0, 1, "next"] };
  const buttons = { p: "pass", u: "back", r: "review", n: "new-game", "?": "help" };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = document.activeElement, key = event.key;
    if (document.querySelector("dialog[open]")) {
      if (key !== "Enter" || !on?.matches("#new input")) return;
      begin();
      return event.preventDefault();
    }
    if (on?.matches("select, input:not([type=checkbox]), textarea")) {
      typing = true;
      return key === "Escape" ? on.blur() : undefined;
    }
    const board = on?.id === "board";
    if (key === "Tab" && on === document.body && clicked && !event.shiftKey) { // not to what follows the point
      clicked = false;
      $("board").focus();
      return event.preventDefault();
    }
    if (key in arrows) board ? moveCursor(arrows[key][0], arrows[key][1]) : send("step", arrows[key][2]);
    else if (board && (key === "Enter" || key === " ")) cursor >= 0 ? send("point", cursor) : moveCursor(0, 0);
    else if (key in steps) send("step", steps[key]);
    else if (key in buttons) $(buttons[key])?.click();
    else if (key === "h") cycle("hints");
    else if (key === "o") $("ownership")?.click();
    else return;
    event.preventDefault();
  });

  function cycle(name) {
    const select = $(name);
    send(name, select.options[(select.selectedIndex + 1) % select.options.length].value);
  }
  return { toast };
})();
