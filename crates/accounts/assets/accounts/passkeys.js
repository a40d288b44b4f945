// @ts-check
// Passkeys: asks this server what to ask, the browser for the answer, and brings it back.
//
// A button says what it is for: data-passkey="/path/of/the/ceremony" (its beginning is at `/path/begin`), and
// data-passkey-failed, the sentence to show in the element with role="alert" beside it when it does not work.
// Buttons are hidden until it is clear that the browser can do this.

/** @param {string} text */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

/** @param {ArrayBuffer | null | undefined} buffer */
const text = (buffer) => {
  if (!buffer) return undefined;
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

/** @param {any[] | undefined} list */
const withBytes = (list) => list?.map((entry) => ({ ...entry, id: bytes(entry.id) }));

/** @param {string} path @param {unknown} body */
async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.redirected || answer.status === 204) return { location: answer.url };
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.message), { step: json.location });
  return json;
}

/** @param {any} options */
async function create(options) {
  const asked = options.publicKey;
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: withBytes(asked.excludeCredentials) ?? [],
    },
  });
  if (!(made instanceof PublicKeyCredential)) throw new Error("no credential");
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    extensions: {},
    response: {
      attestationObject: text(response.attestationObject),
      clientDataJSON: text(response.clientDataJSON),
      transports: response.getTransports?.(),
    },
  };
}

/** @param {any} options */
async function get(options) {
  const asked = options.publicKey;
  const shown = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: withBytes(asked.allowCredentials) ?? [] },
  });
  if (!(shown instanceof PublicKeyCredential)) throw new Error("no credential");
  const response = /** @type {AuthenticatorAssertionResponse} */ (shown.response);
  return {
    id: shown.id,
    rawId: text(shown.rawId),
    type: shown.type,
    extensions: {},
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

/** @param {HTMLButtonElement} button */
async function run(button) {
  const path = button.dataset.passkey ?? "";
  const form = button.closest("form");
  const complaint = button.parentElement?.parentElement?.querySelector("[data-passkey-problem]");
  if (complaint instanceof HTMLElement) complaint.hidden = true;
  if (form && !form.reportValidity()) return;
  button.disabled = true;
  try {
    const begun = await send(`${path}/begin`, {});
    const credential = await (begun.options.publicKey.user ? create(begun.options) : get(begun.options));
    const fields = form ? Object.fromEntries(new FormData(form)) : {};
    const done = await send(path, { ...fields, ...button.dataset, ceremony: begun.ceremony, credential });
    location.assign(done.location);
  } catch (error) {
    const step = /** @type {{step?: string}} */ (error).step;
    if (step) return location.assign(step);
    if (complaint instanceof HTMLElement) {
      complaint.textContent = button.dataset.passkeyFailed ?? "";
      complaint.hidden = false;
    }
  } finally {
    button.disabled = false;
  }
}

if (typeof PublicKeyCredential === "function") {
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      run(button);
    });
    const shell = button.closest("[data-passkey-shell]");
    if (shell instanceof HTMLElement) shell.hidden = false;
    button.hidden = false;
  }
}
