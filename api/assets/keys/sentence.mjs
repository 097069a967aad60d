// Beside a sentence that everybody may read: what it should not say, as it is typed. It warns, and a person decides.

const words = (text) => text.split(" ").filter(Boolean);

function warnings({ digits, places, health, name }, text) {
  const plain = text.replace(/[\s\-－—]/g, "");
  const own = (name ?? "").replace(/\s/g, "");
  return {
    number: new RegExp(`\\d{${digits},}`).test(plain),
    address: words(places).some((place) => new RegExp(`\\d${place}`).test(plain)),
    name: own.length > 1 && plain.includes(own),
    health: words(health).some((word) => plain.includes(word)),
  };
}

for (const place of document.querySelectorAll("[data-sentence]")) {
  place.addEventListener("input", (event) => {
    const found = warnings(place.dataset, event.target.value);
    for (const shown of place.querySelectorAll("[data-warning]")) shown.hidden = !found[shown.dataset.warning];
  });
}
