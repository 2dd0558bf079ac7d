// Asks the browser for a passkey when a form with `data-passkey` is sent, and sends the form with what it gives. Everything
// else is said and done by the server.
(() => {
  'use strict';

  const bytes = (text) => {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  };

  const text = (buffer) => {
    const binary = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  };

  // As PublicKeyCredential.parseCreationOptionsFromJSON and its like would do it, which not all browsers have yet.
  const read = (options) => {
    const named = (one) => ({ ...one, id: bytes(one.id) });
    const read = { ...options, challenge: bytes(options.challenge) };
    if (options.user) read.user = named(options.user);
    for (const list of ['excludeCredentials', 'allowCredentials']) {
      if (options[list]) read[list] = options[list].map(named);
    }
    return read;
  };

  // As toJSON would; without what nobody needs.
  const written = (credential) => {
    const response = {};
    for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      // Of a new one, what it says of itself is in the attestation object already.
      if (part === 'authenticatorData' && response.attestationObject) continue;
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    const { id, type, authenticatorAttachment } = credential;
    return JSON.stringify({ id, rawId: id, type, authenticatorAttachment, clientExtensionResults: {}, response });
  };

  // The words are the page's, in its language.
  const why = (cause, words) => {
    switch (cause.name) {
      case 'NotAllowedError':
        return words.cancelled;
      case 'InvalidStateError':
        return words.exists;
      case 'SecurityError':
        return words.elsewhere;
      default:
        return `${words.failed} (${cause.name})`;
    }
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const trouble = form.querySelector('[role=alert]');
    const say = (words) => {
      trouble.textContent = words;
      trouble.hidden = false;
      trouble.focus();
    };
    let asking = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (asking) return;
      if (!window.PublicKeyCredential || !navigator.credentials) {
        say(trouble.dataset.unknown);
        return;
      }
      asking = true;
      trouble.hidden = true;
      try {
        const publicKey = read(JSON.parse(form.dataset.options));
        const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
        form.elements.credential.value = written(credential);
        form.submit();
      } catch (cause) {
        say(why(cause, trouble.dataset));
        asking = false;
      }
    });
  }
})();
