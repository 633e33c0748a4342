// A click on an example tells its number.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) trigger("click", { number: Number(button.dataset.number) });
});
