// Finding columns. Without it all of them are shown.
(() => {
  const find = document.getElementById("find");
  const scored = document.getElementById("scored");
  const drawn = document.getElementById("drawn");
  const matches = document.getElementById("matches");
  const cards = [...document.querySelectorAll(".card.column")];
  const filter = () => {
    const word = find.value.trim().toLowerCase();
    let shown = 0;
    for (const card of cards) {
      const there = card.dataset.name.toLowerCase().includes(word)
        && (!scored.checked || card.classList.contains("has-score"))
        && (!drawn.checked || word || !card.classList.contains("bare"));
      card.hidden = !there;
      shown += there;
    }
    matches.textContent = shown === cards.length ? "" : `${shown} of ${cards.length} columns`;
    for (const table of document.querySelectorAll("section.table")) {
      table.hidden = Boolean(word || scored.checked) && !table.querySelector(".card.column:not([hidden])");
    }
  };
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.closest("[hidden]")) return;
    find.value = "";
    scored.checked = drawn.checked = false;
    filter();
    target.scrollIntoView();
  };
  for (const input of [find, scored, drawn]) input.addEventListener("input", filter);
  window.addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
