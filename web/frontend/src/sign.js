// `data-sign`: a field for the handwritten signature. What is drawn becomes the file of the field below it, a PNG.

function pad(field) {
  const canvas = field.querySelector('canvas');
  const input = field.querySelector('input[type=file]');
  const bar = field.querySelector('.bj-sign__bar');
  const pen = canvas.getContext('2d');
  const kept = `bj-sign:${location.pathname}`;
  let drawn = false;
  Object.assign(pen, { lineWidth: 3.5, lineCap: 'round', lineJoin: 'round', strokeStyle: '#14203c' });

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  const keep = () => canvas.toBlob((picture) => {
    const files = new DataTransfer();
    if (drawn) files.items.add(new File([picture], 'signature.png', { type: 'image/png' }));
    input.files = files.files;
    if (drawn) sessionStorage.setItem(kept, canvas.toDataURL());
    else sessionStorage.removeItem(kept);
  }, 'image/png');

  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!event.buttons) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  canvas.addEventListener('pointerup', keep);
  bar.querySelector('button').addEventListener('click', () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    drawn = false;
    keep();
  });
  for (const shown of [canvas, bar]) shown.hidden = false;
  // A page that comes back with something to mend has lost its files: what was drawn is drawn again.
  const before = sessionStorage.getItem(kept);
  if (!before || !document.getElementById('errors')) return sessionStorage.removeItem(kept);
  const picture = new Image();
  picture.addEventListener('load', () => {
    pen.drawImage(picture, 0, 0);
    drawn = true;
    keep();
  });
  picture.src = before;
}

export function start() {
  document.querySelectorAll('[data-sign]').forEach(pad);
}
