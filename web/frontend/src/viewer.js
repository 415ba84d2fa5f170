// The diagram of a case with zoom and pan. It takes the place of the server's SVG, which stays when anything fails here.
//
//   <figure data-bpmn="/url/of/the.bpmn" data-marks='{"review":"active","intake":"done"}'> server's SVG </figure>
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

async function show(figure) {
  const answer = await fetch(figure.dataset.bpmn, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) return;
  const container = document.createElement('div');
  container.className = 'bj-diagram__canvas';
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(await answer.text());

  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  for (const [id, mark] of Object.entries(JSON.parse(figure.dataset.marks ?? '{}'))) {
    if (elements.get(id)) canvas.addMarker(id, `bj-mark--${mark}`);
  }
  figure.replaceChildren(container);
  canvas.resized();
  canvas.zoom('fit-viewport', 'auto');
}

for (const figure of document.querySelectorAll('[data-bpmn]')) {
  show(figure).catch((error) => console.warn('diagram:', error));
}
