import { Html } from './html.ts';

/** Background colours of the heat map's shades, from none to all of a row. */
const LIGHT = [
  ...['#fff', '#eef4fb', '#dfeaf8', '#cfe0f4', '#bdd4f0', '#a9c7eb', '#93b8e5'],
  ...['#5f93d3', '#3f7ac4', '#2a63ae', '#1d4f93'],
];
const DARK = [
  ...['#16181d', '#1b2430', '#1e2c3e', '#21344c', '#243d5b', '#27466b', '#2a507c'],
  ...['#356499', '#5590d2', '#78aeea', '#a3cbf7'],
];

const shades = (colours: readonly string[], dark: boolean): string =>
  colours
    .map((colour, i) => {
      const inverted = i >= 8;
      const text = inverted ? (dark ? '#0b1220' : '#fff') : dark ? '#e8eaed' : '#14171c';
      return `.h${i}{background:${colour};color:${text}}`;
    })
    .join('');

/** The report's only style sheet, without external fonts or pictures. */
export const STYLE = new Html(`
:root{color-scheme:light dark;--page:#fff;--panel:#f5f6f8;--text:#14171c;--soft:#565d68;--rule:#d9dde3;
--s1:#0b62c4;--s2:#c2410c;--s3:#15803d;--s4:#7e3fbf;--s5:#8a6d00;--bar:#9cc3ef}
@media(prefers-color-scheme:dark){:root{--page:#0f1115;--panel:#181b21;--text:#e8eaed;--soft:#a4abb6;--rule:#2f343d;
--s1:#6db3ff;--s2:#ff9d5c;--s3:#67d08a;--s4:#c79bf2;--s5:#e0c355;--bar:#2f5f93}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:1.5rem 1rem 3rem;background:var(--page);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1rem;margin:0 0 .4rem}
p{margin:.4rem 0 .8rem}
header p,small,caption,.path,dt,figcaption{color:var(--soft)}
a{color:var(--s1)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.75rem 0 0;padding:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,9.25rem),1fr));gap:.75rem;margin:.75rem 0 1.25rem}
.tiles>div{background:var(--panel);border-radius:.5rem;padding:.75rem 1rem}
.tiles dd{margin:0}.tiles strong{display:block;font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums}
small{display:block;font-size:.8rem;line-height:1.35}
.figures,.pair,.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,23rem),1fr));gap:1.25rem;align-items:start}
figure{margin:0;background:var(--panel);border-radius:.5rem;padding:.75rem}
figcaption{font-weight:600;color:var(--text)}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
.legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;list-style:none;margin:.2rem 0 .4rem;padding:0;font-size:.8rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.35rem}.legend svg{width:24px;height:12px;flex:none}
.grid{stroke:var(--rule);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}.hover{fill:transparent}.hover:hover{fill:var(--soft);fill-opacity:.15}
.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}.line.s3{stroke:var(--s3);stroke-dasharray:7 3}
.line.s4{stroke:var(--s4);stroke-dasharray:3 2}.line.s5{stroke:var(--s5);stroke-dasharray:1.5 2.5}
.dot.s1,.mark.s1{fill:var(--s1)}.dot.s2,.mark.s2{fill:var(--s2)}.dot.s3{fill:var(--s3)}.dot.s4{fill:var(--s4)}.dot.s5{fill:var(--s5)}
.mark{stroke:var(--panel);stroke-width:1}.span{stroke:var(--soft);stroke-width:1.5}.bar{fill:var(--bar)}
.ideal{stroke:var(--soft);stroke-dasharray:5 4;fill:none;stroke-width:1.5}
.scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible{outline:2px solid var(--s1);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;min-width:50%}
caption{text-align:left;font-size:.85rem;padding-bottom:.3rem}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--rule);text-align:left;font-variant-numeric:tabular-nums;vertical-align:top}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}tbody th{font-weight:500}tbody th:not(.number){min-width:6.5rem}
.number{text-align:right;white-space:nowrap}
.matrix{border-collapse:separate;border-spacing:2px}.matrix th,.matrix td{border:0;overflow-wrap:normal}
.matrix tbody th{text-align:right;max-width:10rem;overflow-wrap:anywhere}.matrix th,.matrix td{vertical-align:middle}
.matrix thead th{vertical-align:bottom;padding:.3rem .1rem;white-space:normal;text-align:center;font-weight:500}
.matrix thead span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.heat{text-align:center!important;min-width:2.75rem;padding:.45rem .3rem;border-radius:.2rem}.right{outline:1.5px solid var(--soft);outline-offset:-1.5px}.zero{opacity:.45}
${shades(LIGHT, false)}
@media(prefers-color-scheme:dark){${shades(DARK, true)}}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,9.25rem),1fr));gap:.75rem;list-style:none;margin:0;padding:0}
.card{background:var(--panel);border-radius:.5rem;overflow:hidden;font-size:.85rem}
.card img{display:block;width:100%;aspect-ratio:4/3;object-fit:contain;background:#0003}
.card div{padding:.5rem .7rem}.card p{margin:0 0 .1rem}.path{font-size:.75rem}
details{margin:1rem 0}summary{cursor:pointer;color:var(--s1)}
.facts>div{background:var(--panel);border-radius:.5rem;padding:.75rem 1rem;font-size:.85rem}
.facts dl{margin:0}.facts dl div{display:flex;gap:.75rem;border-top:1px solid var(--rule);padding:.2rem 0}
.facts dt{flex:0 0 42%}.facts dd{margin:0;flex:1;font-variant-numeric:tabular-nums}
@media print{body{max-width:none}section{break-inside:avoid}}
`);
