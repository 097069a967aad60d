// `/signin#code=…`: from the square on a slip. What stands after `#` was sent to nobody: it is put into the field, and goes
// from the address, so that it does not stay in the browser's history.

function take() {
  const given = new URLSearchParams(location.hash.slice(1)).get("code");
  if (given === null) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  const field = document.querySelector("#code");
  // Only sending the form spends it.
  if (/^[0-9]{8,40}$/.test(given)) field.value = given;
  field.focus();
}

// Another link in the same tab loads nothing anew.
addEventListener("hashchange", take);
take();
