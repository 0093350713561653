// The style of the report's page.
#pragma once

#include <string_view>

namespace tideline {

inline constexpr std::string_view kReportStyle = R"css(
:root{color-scheme:light dark;--paper:#fbfbf9;--card:#fff;--ink:#1d2327;--soft:#5b656c;
--line:#dfe2e0;
--accent:#0b6e6e;--tint:#e6f1f0;--warn:#8a4b00;--warn-tint:#fdf1e0;
--s1:#0b6e6e;--s2:#c2571a;--s3:#5a4fa0;--s4:#8a7a1e}
@media (prefers-color-scheme:dark){:root{--paper:#14181a;--card:#1b2023;--ink:#e6e9e8;
--soft:#9da8ad;
--line:#30383c;--accent:#5fc4bd;--tint:#17302f;--warn:#f0b866;--warn-tint:#33270f;
--s1:#5fc4bd;--s2:#f08a4b;--s3:#a79cf0;--s4:#d3c257}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 .4rem;font-weight:650}
h2{font-size:1.35rem;line-height:1.25;letter-spacing:-.01em;margin:0;font-weight:650;
overflow-wrap:anywhere}
h3{font-size:1rem;margin:0 0 .15rem;font-weight:600}
p{margin:.3rem 0 .8rem;max-width:44rem}
.soft,caption,figcaption p,footer{color:var(--soft)}
a{color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;list-style:none;margin:1rem 0 0;padding:0}
section{margin-top:2.75rem;padding-top:1.75rem;border-top:1px solid var(--line)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem 1.5rem;
margin:1.1rem 0 1.4rem}
dt{font-size:.8rem;color:var(--soft)}
dd{margin:0;font-size:1.12rem;font-weight:600;font-variant-numeric:tabular-nums}
.warnings{list-style:none;margin:0 0 1.4rem;padding:0;display:grid;gap:.5rem}
.warnings li{background:var(--warn-tint);border-left:3px solid var(--warn);
padding:.55rem .85rem;border-radius:0 6px 6px 0;max-width:54rem;overflow-wrap:anywhere}
.warnings b{color:var(--warn)}
.scroll{overflow-x:auto;margin:.4rem 0 1.4rem}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);
outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;width:100%}
caption{text-align:left;padding:0 0 .45rem;font-size:.85rem}
th,td{padding:.45rem .8rem .45rem 0;text-align:right;border-bottom:1px solid var(--line);
white-space:nowrap;vertical-align:top}
th:first-child,td:first-child{text-align:left}
thead th{font-weight:500;color:var(--soft);font-size:.82rem;vertical-align:bottom}
tbody th{font-weight:500}
tr.chosen th,tr.chosen td{background:var(--tint);font-weight:650}
tr.chosen th:first-child{padding-left:.55rem;border-radius:5px 0 0 5px}
tr.chosen td:last-child{border-radius:0 5px 5px 0}
td small{display:block;color:var(--soft);font-size:.74rem;font-weight:400}
th small{display:block;color:var(--accent);font-size:.74rem;font-weight:600}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));
gap:1.1rem;margin-top:1rem;align-items:start}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:1rem 1.1rem .75rem;min-width:0;break-inside:avoid}
figcaption p{font-size:.86rem;line-height:1.45;margin:.1rem 0 .6rem}
figure svg{width:100%;height:auto;display:block}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;font-size:.8rem;color:var(--soft);
margin:.45rem 0 .2rem}
.key{display:inline-flex;align-items:center;gap:.4rem}
figure .key svg{width:24px;height:8px;flex:none}
details{margin-top:.55rem;font-size:.85rem}
summary{cursor:pointer;color:var(--accent)}
details .scroll{margin:.4rem 0 .2rem;max-height:22rem;overflow:auto}
details table{font-size:.8rem}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.tick,.label,.name{font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;
fill:var(--soft)}
.name{fill:var(--ink)}
.curve{fill:none;stroke-width:2.4;stroke-linejoin:round;stroke-linecap:round}
.curve.s1{stroke:var(--s1)}.curve.s2{stroke:var(--s2);stroke-dasharray:9 4}
.curve.s3{stroke:var(--s3);stroke-dasharray:3 4}.curve.s4{stroke:var(--s4);
stroke-dasharray:12 4 3 4}
.reference{fill:none;stroke:var(--soft);stroke-width:1.4;stroke-dasharray:4 4}
.dot{fill:var(--s1)}.range{stroke:var(--s1);stroke-width:1.6;opacity:.55}.bar{fill:var(--s1)}
footer{margin-top:3rem;padding-bottom:3rem;font-size:.85rem}
@media print{body{background:#fff}section{break-before:auto}}
)css";

}  // namespace tideline
