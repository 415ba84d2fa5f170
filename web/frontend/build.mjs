// Bundles src/*.js into web/static/dist. Pages work without these files; with them they are quicker to use.
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here('../static/dist');

/** The licence texts of all packages in the bundles, as their licences ask of those who pass them on. */
async function notices(inputs) {
  const names = new Set(
    Object.keys(inputs)
      .filter((path) => path.includes('node_modules/'))
      .map((path) => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)[1]),
  );
  const texts = await Promise.all(
    [...names].sort().map(async (name) => {
      const folder = here(`node_modules/${name}/`);
      const { version, license } = JSON.parse(await readFile(`${folder}package.json`, 'utf8'));
      const file = (await readdir(folder)).find((entry) => /^licen[sc]e/i.test(entry));
      const text = file ? await readFile(folder + file, 'utf8') : '';
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    }),
  );
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here('.'),
  entryPoints: ['src/compat.js', 'src/banjie.js', 'src/viewer.js'],
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  format: 'iife',
  charset: 'utf8',
  target: ['chrome85'], // the kernels of government desktops start at Chromium 90
  legalComments: 'none', // THIRD-PARTY.txt has the whole texts
  logLevel: 'warning',
});
await writeFile(`${outdir}/THIRD-PARTY.txt`, await notices(metafile.inputs));
