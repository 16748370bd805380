// Draws what the session shows and sends it keys; decides nothing. `enter`, `tab` and so on are the session's names of keys.
const NAMED = { Enter: "enter", Tab: "tab", Backspace: "backspace", Escape: "escape" };

function element(tag, name, text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.textContent = text; // never as HTML: statements are anybody's
  return node;
}

function button(key, text, send, name = "") {
  const node = element("button", name);
  node.type = "button";
  node.tabIndex = -1; // the field has a key for each; the tab key skips
  node.dataset.key = key;
  node.append(element("kbd", "", key), " ", text);
  node.addEventListener("click", () => send(key));
  return node;
}

function render({ model, el }) {
  const root = element("div", "stance-label");
  root.dataset.lmSuppressShortcuts = "true"; // or d would delete Jupyter's cell
  const screen = element("div", "screen");
  // A field rather than key events alone, so that dead keys, input methods and telephones work in notes.
  const field = element("input", "keys");
  field.autocomplete = "off";
  field.spellcheck = false;
  field.placeholder = "keys go here";
  field.setAttribute("aria-label", "Keys for labels; question mark for the codebook; shift and tab leave");
  const message = element("p", "message");
  message.setAttribute("role", "status");
  root.append(screen, field, message);
  el.append(root);

  const send = (key) => { model.send({ key }); field.focus({ preventScroll: true }); };
  const sendField = () => { for (const character of field.value) send(character); field.value = ""; };
  const isNote = () => model.get("shown").mode === "note";

  root.addEventListener("click", (event) => { if (!window.getSelection()?.toString() || event.target.closest("button")) field.focus({ preventScroll: true }); });
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || (event.key === "Tab" && event.shiftKey)) return;
    // A key held down must not answer the statements that follow.
    if (event.repeat && !isNote()) { event.preventDefault(); return; }
    if (event.key in NAMED) { event.preventDefault(); sendField(); send(NAMED[event.key]); }
  });
  field.addEventListener("input", (event) => { if (!event.isComposing) sendField(); });
  field.addEventListener("compositionend", sendField);
  field.addEventListener("paste", (event) => { if (!isNote()) event.preventDefault(); });

  function draw() {
    const shown = model.get("shown");
    const parts = [element("p", "progress", shown.progress)];
    if (shown.mode === "help") {
      const table = element("table", "codebook");
      for (const [key, name, text] of shown.codebook) {
        const row = table.insertRow();
        row.append(element("td", "", ""), element("td", "", name), element("td", "", text));
        if (key) row.cells[0].append(element("kbd", "", key));
      }
      parts.push(table, element("p", "soft", "a label's key: that label alone; any other key: back"));
    } else if (shown.statement) {
      const quote = element("blockquote", "", shown.statement.text);
      quote.setAttribute("aria-live", "polite");
      parts.push(quote, element("p", "soft about", [shown.statement.speaker, shown.statement.source].filter(Boolean).join(" · ")));
      for (const axis of shown.axes) {
        const row = element("div", "axis");
        row.setAttribute("role", "group");
        row.setAttribute("aria-label", axis.name);
        row.append(element("span", "name", axis.name));
        for (const label of axis.labels) {
          const node = button(label.key, label.name, send, "label");
          node.setAttribute("aria-pressed", String(label.on));
          row.append(node);
        }
        parts.push(row);
      }
      for (const [kind, text] of shown.lines) parts.push(element("p", kind, text));
      if (shown.mode === "note" || shown.note) parts.push(element("p", "note", `note: ${shown.note}${shown.mode === "note" ? "▏ (enter keeps it, escape drops it)" : ""}`));
    } else {
      parts.push(element("p", "", "All done. Enter leaves, backspace undoes the last answer."));
    }
    if (!shown.over) {
      const row = element("div", "commands");
      for (const [key, what] of shown.commands) row.append(button(key, what, send));
      parts.push(row);
    }
    field.hidden = shown.over;
    message.textContent = shown.message || (shown.over ? "closed; run the cell again to go on" : "");
    screen.replaceChildren(...parts);
  }
  model.on("change:shown", draw);
  draw();
  return () => model.off("change:shown", draw);
}

export default { render };
