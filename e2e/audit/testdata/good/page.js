(function () {
  var form = document.querySelector('form');
  if (form) { form.addEventListener('submit', function () { form.classList.add('envoi'); }); }
})();
