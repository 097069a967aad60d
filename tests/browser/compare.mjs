// Two people compare a key: the one page says six digits, the page of whoever has the key answers, and that is typed.
export async function compare(asking, answering, key) {
  const asked = await asking.locator("dialog [data-challenge]").textContent();
  const item = answering.locator(`li[data-key="${key}"]`);
  const field = item.locator("input[data-compare]");
  if (!await field.isVisible()) await item.locator("summary").click();
  await field.fill(asked);
  const answer = item.locator("output:not(:empty)");
  await answer.waitFor();
  await asking.fill("dialog [name=answer]", await answer.textContent());
  return asked;
}
