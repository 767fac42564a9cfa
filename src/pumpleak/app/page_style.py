"""The style sheet of report.html: one column that reads on paper and on a phone, colours that all can tell apart."""

STYLE = """
:root { --ink: #1b1b1b; --soft: #5c5c5c; --line: #d9d9d9; --good: #00694d; --bad: #a63f00; --link: #00558a; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); font: 17px/1.58 Georgia, "Iowan Old Style", "Times New Roman", serif; }
main { max-width: 52rem; margin: 0 auto; padding: 3.2rem 1.4rem 5rem; }
h1, h2, h3, th, .kicker, .status, .kind, .small, .reason, figcaption, .rows, .claims, .ledger, .legend, .kinds, pre
  { font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
h1, h2 { text-wrap: balance; }
h1 { font-size: 2.2rem; line-height: 1.12; letter-spacing: -.02em; margin: .2rem 0 1.1rem; }
h2 { font-size: 1.42rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 .8rem; }
h3 { font-size: .95rem; margin: 1.6rem 0 .3rem; }
p { margin: 0 0 1rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
section { margin-top: 3.4rem; }
section.claim { border-top: 2px solid var(--ink); padding-top: 1.1rem; }
.kicker { font-size: .82rem; color: var(--soft); margin: 0 0 .5rem; letter-spacing: .02em; }
.answer { font-size: 1.26rem; line-height: 1.5; }
.small, .reason { display: block; font-size: .8rem; line-height: 1.4; color: var(--soft); }
.reason { color: var(--bad); margin-top: .15rem; }
figure { margin: 1.6rem 0 1.8rem; }
.drawing { overflow-x: auto; }
.drawing img { display: block; width: 100%; height: auto; }
figcaption { font-size: .84rem; line-height: 1.45; color: var(--soft); margin-top: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; line-height: 1.4; }
th { text-align: left; font-weight: 600; }
thead th { border-bottom: 1px solid var(--ink); padding: .3rem .7rem .3rem 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: .48rem .7rem .48rem 0; vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.verdict, .status { white-space: nowrap; }
.claims .group th { padding: 1.1rem 0 .25rem; font-size: .82rem; color: var(--soft); border-bottom: 1px solid var(--ink); }
.claims .id { width: 3.4rem; font-weight: 600; white-space: nowrap; }
.claims td.mark { width: 9.5rem; }
.mark { font-weight: 700; }
.mark.good, .status.good { color: var(--good); }
.mark.bad, .status.bad { color: var(--bad); }
.mark.wait, .status.wait, .mark.plain { color: var(--soft); }
.kind { font-size: .72rem; border: 1px solid var(--line); border-radius: 3px; padding: .03rem .35rem; white-space: nowrap; }
.kind.measured { background: #14324a; border-color: #14324a; color: #fff; }
.kind.fitted { color: var(--soft); border-style: dashed; }
tr.fitted td, tr.fitted .reason { color: var(--soft); }
.legend, .kinds { margin: 0 0 1.2rem; font-size: .9rem; line-height: 1.45; }
.legend div, .kinds div { display: flex; gap: .9rem; padding: .22rem 0; }
.legend dt { flex: 0 0 8.6rem; } .kinds dt { flex: 0 0 5.6rem; }
.legend dd, .kinds dd { margin: 0; }
pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .78rem; line-height: 1.6;
  background: #f5f5f3; border-radius: 4px; padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; }
ul, ol { padding-left: 1.3rem; } li { margin-bottom: .5rem; }
.sources { font-size: .88rem; line-height: 1.45; }
@media screen and (max-width: 40rem) {
  .drawing img { min-width: 36rem; }
  body { font-size: 16px; } main { padding: 1.6rem 1rem 3rem; } h1 { font-size: 1.8rem; } .answer { font-size: 1.12rem; }
  .rows thead, .ledger thead { display: none; }
  .rows tr, .ledger tr { display: block; border-bottom: 1px solid var(--line); padding: .6rem 0; }
  .rows td, .ledger td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0;
    text-align: right; }
  .rows td::before, .ledger td::before { content: attr(data-label); color: var(--soft); flex: none; }
  .rows td:first-child { display: block; text-align: left; font-weight: 600; }
  .rows td:first-child::before { content: none; }
  .rows td:first-child .small, .rows td:first-child .reason { font-weight: 400; }
  .claims td.mark { width: 5.4rem; } .claims .status { white-space: normal; }
  .legend div, .kinds div { display: block; } .legend dd, .kinds dd { margin: 0; }
}
@media print {
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
  section { margin-top: 1.6rem; } figure, tr, .legend, .kinds, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
  pre { border: 1px solid var(--line); background: none; }
}
"""
