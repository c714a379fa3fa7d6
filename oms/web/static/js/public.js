// The one thing a customer's page does by itself: copying a number.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue; // no button where it could not do its work
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = button.dataset.done;
  });
}
