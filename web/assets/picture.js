// A picture for a product: dropped onto its form, and made smaller before it is sent, since a camera's is larger than what
// is taken. Without it a file is chosen, and has to be small enough by itself.
(() => {
  'use strict';

  // The service keeps no wider one, and takes 256 KiB with what is around it.
  const WIDEST = 1280;
  const MOST = 250_000;

  const of = (width, height, widest) => {
    const scale = Math.min(1, widest / width);
    return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  };

  const drawn = (bitmap, widest, kind, quality) => new Promise((resolve) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = of(bitmap.width, bitmap.height, widest);
    const context = canvas.getContext('2d');
    if (kind === 'image/jpeg') {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(resolve, kind, quality);
  });

  // The same file where it fits; else drawn anew, with less and less of it until it does.
  const small = async (file) => {
    if (file.size <= MOST || file.type === 'image/svg+xml') return file;
    const bitmap = await createImageBitmap(file);
    const kinds = file.type === 'image/jpeg' ? ['image/jpeg'] : ['image/webp', 'image/jpeg'];
    for (const kind of kinds) {
      for (const [widest, quality] of [[WIDEST, 0.9], [WIDEST, 0.8], [WIDEST, 0.65], [900, 0.7], [640, 0.7]]) {
        const blob = await drawn(bitmap, widest, kind, quality);
        if (blob && blob.type === kind && blob.size <= MOST) {
          return new File([blob], kind === 'image/jpeg' ? 'picture.jpg' : 'picture.webp', { type: kind });
        }
      }
    }
    return file;
  };

  for (const form of document.querySelectorAll('form[data-picture]')) {
    const input = form.querySelector('input[type=file]');
    const said = form.querySelector('[data-said]');
    const button = form.querySelector('button');

    const take = async (file) => {
      said.textContent = 'The picture is being looked at.';
      button.disabled = true;
      try {
        const fits = await small(file);
        const files = new DataTransfer();
        files.items.add(fits);
        input.files = files.files;
        const size = `${Math.ceil(fits.size / 1000)} KB`;
        said.textContent = fits.size > MOST
          ? `It has ${size}, and at most 250 KB are taken. Choose a smaller one.`
          : `${fits === file ? 'It is taken as it is' : 'It was made smaller'}: ${size}.`;
      } catch {
        said.textContent = 'This browser cannot read it as a picture.';
      }
      button.disabled = false;
    };

    input.addEventListener('change', () => { if (input.files.length > 0) take(input.files[0]); });
    form.addEventListener('dragover', (event) => {
      event.preventDefault();
      form.classList.add('over');
    });
    form.addEventListener('dragleave', () => form.classList.remove('over'));
    form.addEventListener('drop', (event) => {
      event.preventDefault();
      form.classList.remove('over');
      if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files[0]);
    });
  }
})();
