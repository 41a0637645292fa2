/** The style of the board: readable in light and dark, without anything loaded from elsewhere. */
export const BOARD_STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem; max-width: 90rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8884; }
td { overflow-wrap: break-word; }
td small { display: block; opacity: .75; }
.done td { opacity: .7; }
.blocked .status { font-weight: 600; color: #c33; }
.waiting .status { font-weight: 600; color: #b80; }
strong { color: #c33; }
`;
