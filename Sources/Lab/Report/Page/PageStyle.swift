/// How the page looks. Blue and orange are told apart by nearly everybody, and differ in lightness too.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; --paper: #fffefb; --ink: #20211f; --muted: #62625d; --grid: #e6e4dd;
          --axis: #a3a199; --cs: #b3470b; --pp: #0b64a3; --hair: #fffefb; }
        @media (prefers-color-scheme: dark) { :root { --paper: #16181a; --ink: #e9e7e2; --muted: #a6a59f;
          --grid: #2d3033; --axis: #6d6f70; --cs: #f3a15a; --pp: #74b8ee; --hair: #16181a; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        main { max-width: 70rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 5rem) clamp(1rem, 4vw, 3rem); }
        header { margin-bottom: clamp(2rem, 5vw, 3.5rem); }
        .kicker { margin: 0 0 1rem; color: var(--muted); font-size: .9rem; }
        h1 { margin: 0; max-width: 24em; font-size: clamp(1.6rem, 4.2vw, 2.75rem); line-height: 1.16;
          font-weight: 600; letter-spacing: -.018em; text-wrap: balance; }
        .lede { max-width: 40em; margin: 1.25rem 0 0; color: var(--muted); font-size: 1.125rem; }
        h2 { margin: 0 0 1rem; font-size: 1.25rem; line-height: 1.3; font-weight: 600; letter-spacing: -.008em; }
        section { margin-top: clamp(2.75rem, 6vw, 4.5rem); }
        p { margin: 0 0 .8rem; text-wrap: pretty; }
        .note { max-width: 44em; color: var(--muted); }
        .nb { white-space: nowrap; }
        .cs { color: var(--cs); } .pp { color: var(--pp); }
        a { color: var(--pp); text-underline-offset: .15em; }
        \(figures)
        \(words)
        \(table)
        \(drawings)
        @media print { section, figure { break-inside: avoid; } }
        """

    private static let figures = """
        figure { margin: 0; }
        figcaption { color: var(--muted); font-size: .925rem; line-height: 1.5; }
        figcaption p { margin: 0 0 .7rem; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg.wide { display: none; }
        svg.narrow { max-width: 30rem; }
        .main { display: grid; gap: 1rem 2.5rem; }
        .main + .main, .main + .note { margin-top: 2.5rem; }
        .main figcaption { max-width: 44em; }
        .pair { display: grid; gap: 2.5rem; }
        svg.matrix { max-width: 28rem; margin-bottom: .75rem; }
        .cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 1.4rem 1.5rem; }
        .cell p { margin: .3rem 0 0; color: var(--muted); font-size: .8rem; line-height: 1.35; overflow-wrap: anywhere; }
        .cell b { color: var(--ink); font-weight: 600; }
        .levels { white-space: nowrap; color: var(--ink); }
        .levels i { display: inline-block; width: .95em; height: .95em; vertical-align: -.12em; background: var(--pp);
          margin-left: 1px; }
        .key { display: inline-block; width: 1.9em; vertical-align: .28em; border-top: 2px dashed var(--muted); }
        @media (min-width: 46rem) {
          svg.wide { display: block; } svg.narrow { display: none; }
          .pair { grid-template-columns: 1fr 1fr; gap: 3rem; }
        }
        @media (min-width: 68rem) {
          .main { grid-template-columns: minmax(0, 45rem) minmax(0, 1fr); }
          .main figcaption { padding-top: 2.4rem; }
        }
        """

    private static let words = """
        .words p { max-width: 42em; }
        dl { margin: 0; }
        .advice { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .6rem 3rem; }
        dt { font-weight: 600; }
        dd { margin: 0 0 .9rem; color: var(--muted); overflow-wrap: anywhere; }
        .method { border-top: 1px solid var(--grid); padding-top: 2rem; font-size: .95rem; }
        .method dl { max-width: 48em; }
        @media (min-width: 46rem) {
          .method dl { display: grid; grid-template-columns: 7rem 1fr; }
        }
        """

    private static let table = """
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
        caption { caption-side: bottom; text-align: left; color: var(--muted); padding-top: .9rem; line-height: 1.5; }
        caption span { display: block; position: sticky; left: 0; max-width: min(50em, calc(100vw - 2rem)); }
        th, td { padding: .36rem .38rem; text-align: right; white-space: nowrap; vertical-align: baseline; }
        thead th { color: var(--muted); font-weight: 400; vertical-align: bottom; padding-bottom: .3rem; }
        thead th[scope=colgroup] { font-weight: 600; text-align: left; color: var(--ink); padding-left: 1.1rem; }
        thead th.cs[scope=colgroup] { color: var(--cs); } thead th.pp[scope=colgroup] { color: var(--pp); }
        thead tr:last-child th { border-bottom: 1px solid var(--axis); }
        thead th[rowspan] { border-bottom: 1px solid var(--axis); }
        tbody tr + tr > * { border-top: 1px solid var(--grid); }
        tbody th { font-weight: 600; position: sticky; left: 0; background: var(--paper); }
        td:nth-child(2), td:nth-child(7), td:nth-child(12) { padding-left: 1.1rem; }
        td b { font-weight: 600; }
        .never { color: var(--muted); }
        """

    private static let drawings = """
        svg text { fill: var(--ink); font-size: 14px; }
        svg .tick { fill: var(--muted); font-size: 13px; font-variant-numeric: tabular-nums; }
        svg .name { fill: var(--muted); font-size: 13px; }
        svg .small { fill: var(--muted); font-size: 11.5px; }
        svg .figure { font-size: 10.5px; } svg .figure.light { fill: var(--paper); }
        svg .label.cs { fill: var(--cs); } svg .label.pp { fill: var(--pp); }
        svg .strong { font-weight: 600; }
        svg path { fill: none; stroke-linejoin: round; stroke-linecap: round; }
        .grid { stroke: var(--grid); stroke-width: 1; } .axis { stroke: var(--axis); stroke-width: 1; }
        .curve { stroke-width: 2.5; } .thick { stroke-width: 1.75; stroke-opacity: .85; }
        .thin { stroke-width: 1; stroke-opacity: .55; } .thin.solid { stroke-opacity: 1; }
        .bound { stroke-width: 1.5; stroke-dasharray: 5 5; } .cross { stroke-width: 2.5; }
        .lead { stroke-width: 1; stroke-opacity: .45; } .sent { stroke: var(--ink); stroke-width: 1.5; }
        .hair { stroke: var(--hair); stroke-width: 1; stroke-opacity: .6; }
        path.cs { stroke: var(--cs); } path.pp { stroke: var(--pp); } path.ink { stroke: var(--ink); }
        svg path.area { stroke: none; fill-opacity: .28; } svg path.area.faint { fill-opacity: .14; }
        svg path.area.cs, rect.cs, circle.cs { fill: var(--cs); } svg path.area.pp, rect.pp, circle.pp { fill: var(--pp); }
        .dot { stroke: var(--paper); stroke-width: 1.5; }
        .bar.open { fill-opacity: .14; }
        .q0 { fill: var(--grid); fill-opacity: .45; }
        .q1 { opacity: .12; } .q2 { opacity: .24; } .q3 { opacity: .36; } .q4 { opacity: .48; } .q5 { opacity: .6; }
        .q6 { opacity: .74; } .q7 { opacity: .88; } .q8 { opacity: 1; }
        """
}
