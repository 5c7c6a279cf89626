const chinese = (localStorage.getItem("language") || navigator.language).startsWith("zh");
const choose = (language) => {
  document.getElementById(language).checked = true;
  document.documentElement.lang = language;
};
choose(chinese ? "zh" : "en");
for (const input of document.querySelectorAll("[name=language]")) {
  input.addEventListener("change", () => {
    choose(input.id);
    localStorage.setItem("language", input.id);
  });
}
