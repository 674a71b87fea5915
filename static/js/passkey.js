// <form data-passkey="get|create">: on sending, the browser signs with a passkey, and the signature goes along in the
// hidden field "credential". What to sign comes from the JSON in #data-options, or from data-options-url.
const words = { NotAllowedError: "cancelled", AbortError: "cancelled", SecurityError: "insecure" };

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function signed(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "get") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.request_options.publicKey);
    return navigator.credentials.get({ publicKey });
  }
  const wanted = options.creation_options.publicKey;
  const alone = form.elements.passwordless?.checked ?? false;
  wanted.authenticatorSelection = { ...wanted.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
  if (alone) wanted.authenticatorSelection.userVerification = "required";
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(wanted) });
}

const able = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-passkey-says]");
  const place = form.closest("[data-passkey-place]");
  if (place) place.hidden = !able;
  else if (!able) says.textContent = form.dataset.insecure;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    says.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(await signed(form));
      form.submit();
    } catch (error) {
      says.textContent = form.dataset[words[error.name] ?? "failed"];
    }
  });
}
