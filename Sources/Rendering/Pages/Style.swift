// The style sheet of all pages: system fonts, light and dark, phone to wide screen, print.

import Foundation

/// The style sheet.
enum Style {
  /// CSS without anything to load.
  static let sheet = base + series + charts + screens

  /// The rules for charts with the light colours in place of variables, for renderers that know neither
  /// these nor `color-mix`.
  static var lightCharts: String {
    var css = charts.replacingOccurrences(
      of: "color-mix(in srgb,currentColor 86%,var(--bg))", with: "currentColor;fill-opacity:.86")
    while let range = css.range(of: #"var\(--[a-z0-9]+\)"#, options: .regularExpression) {
      css.replaceSubrange(range, with: light(String(css[range].dropFirst(6).dropLast())))
    }
    return css
  }

  /// The light value of a variable of the style sheet.
  static func light(_ name: String) -> String {
    guard let start = base.range(of: "--\(name):")?.upperBound else { return "inherit" }
    return String(base[start...].prefix { $0 != ";" && $0 != "}" && $0 != "\n" })
  }

  /// Of a series the step whose button is on: one rule for each.
  private static let series =
    """
    .steps{display:flex;flex-wrap:wrap;gap:.3rem .35rem;align-items:center}
    .steps>input{position:absolute;opacity:0;pointer-events:none}
    .steps>label{font-size:.78rem;line-height:1.5;padding:.12rem .6rem;border:1px solid var(--line);border-radius:1rem;color:var(--soft);cursor:pointer}
    .steps>label:hover{border-color:var(--accent);color:var(--accent)}
    .steps>input:checked+label{background:var(--busy-bg);border-color:var(--accent);color:var(--accent);font-weight:600}
    .steps>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
    .step{display:none;flex:1 0 100%;min-width:0}.step .pictures{margin:.5rem 0 0}

    """
    + (1...DisplayHTML.mostSteps).map {
      ".steps>input:nth-of-type(\($0)):checked~.step:nth-of-type(\($0))"
    }.joined(separator: ",") + "{display:block}\n"

  private static let base = """
    :root{color-scheme:light dark;--bg:#fff;--ink:#1d2127;--soft:#646c78;--faint:#8d95a0;--line:#e4e7eb;--panel:#f6f7f9;--accent:#1f62a8;
    --good:#1a7446;--bad:#b42318;--odd:#8a5a00;--busy:#1f62a8;--good-bg:#e7f5ed;--bad-bg:#fdf0ee;--odd-bg:#fdf5e3;--busy-bg:#eaf2fb;
    --s0:#1f6fb4;--s1:#d95f0e;--s2:#11906c;--s3:#b0539b;--s4:#4fa8d8;--s5:#b98a00;
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
    --mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
    --hc:#6c7683;--hs:#1a6b3c;--hn:#95540a;--hk:#a0308c;--ht:#1d5fa5;--ha:#7a5c00;--hf:#35508c}
    @media (prefers-color-scheme:dark){:root{--bg:#14171b;--ink:#e1e4e8;--soft:#9aa3ae;--faint:#78818d;--line:#2a3038;--panel:#1b1f25;--accent:#77b2ec;
    --good:#67cf96;--bad:#ff8f82;--odd:#e6b450;--busy:#77b2ec;--good-bg:#15291f;--bad-bg:#321c1a;--odd-bg:#2e2513;--busy-bg:#172638;
    --s0:#5da9e9;--s1:#f0883e;--s2:#3fbf97;--s3:#d98cc5;--s4:#8ecdf0;--s5:#e3be4b;
    --hc:#818b98;--hs:#8fd19e;--hn:#e8b06d;--hk:#e092d3;--ht:#7fb8f0;--ha:#d6b860;--hf:#a9bdf0}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1.5rem}
    body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.65 var(--sans);overflow-wrap:break-word}
    .layout{display:grid;grid-template-columns:minmax(0,44rem);justify-content:center;padding:3rem 1.5rem 6rem}
    a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.15em}
    a:not(:hover){text-decoration-color:color-mix(in srgb,currentColor 40%,transparent)}
    h1,h2,h3,h4{line-height:1.25;font-weight:650;letter-spacing:-.011em;text-wrap:balance;margin:0}
    h1{font-size:2.1rem;letter-spacing:-.022em}
    h2{font-size:1.4rem;margin:3.2rem 0 .8rem}
    h3{font-size:1.08rem}
    p{margin:0 0 1em}
    .eyebrow{font-size:.82rem;color:var(--soft);margin:0 0 .5rem}
    .lead{font-size:1.1rem;line-height:1.5;color:var(--soft);margin:.6rem 0 0}
    .meta{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1rem;font-size:.86rem;color:var(--soft);margin:1.1rem 0 0}
    .badge{display:inline-block;font-size:.76rem;font-weight:600;line-height:1.5;padding:.05rem .55rem;border-radius:1rem;background:var(--panel);color:var(--soft);white-space:nowrap}
    .badge.good{background:var(--good-bg);color:var(--good)}.badge.bad{background:var(--bad-bg);color:var(--bad)}
    .badge.odd,.badge.changed{background:var(--odd-bg);color:var(--odd)}.badge.busy{background:var(--busy-bg);color:var(--busy)}
    .banner,.box{border-radius:6px;padding:.7rem 1rem;margin:1.2rem 0 0;font-size:.92rem;background:var(--odd-bg);color:var(--ink)}
    .banner strong,.box strong{font-weight:600;color:var(--odd)}
    .banner.bad,.box.failure{background:var(--bad-bg)}.banner.bad strong,.box.failure strong{color:var(--bad)}
    .banner.busy{background:var(--busy-bg)}.banner.busy strong{color:var(--busy)}
    .banner pre,.box pre{margin:.25rem 0 0;font:.84rem/1.55 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere}
    .banner a{display:inline-block;margin-top:.35rem}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:1.2rem 1.5rem;margin:1.8rem 0 0;padding:1.1rem 0 1.2rem;border:solid var(--line);border-width:1px 0}
    .figures dt{font-size:.82rem;color:var(--soft);line-height:1.35}
    .figures dd{margin:.15rem 0 0}
    .figures .value{display:block;font-size:1.6rem;line-height:1.2;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .figures .remark{display:block;font-size:.8rem;color:var(--faint);line-height:1.4;margin-top:.15rem}
    .cell .figures{border:0;margin:1rem 0 1.2rem;padding:0;gap:.8rem 1.5rem}.cell .figures .value{font-size:1.2rem}
    .prose{margin-top:1.6rem}
    .prose>:first-child{margin-top:0}.prose>h2:first-child{margin-top:3.2rem}.prose>:last-child{margin-bottom:0}
    .prose h3{margin:2.2rem 0 .6rem}.prose h4,.prose h5,.prose h6{font-size:1rem;margin:1.6rem 0 .4rem}
    .prose ul,.prose ol{padding-left:1.4rem;margin:0 0 1em}.prose li{margin:.2em 0}.prose li::marker{color:var(--faint)}
    .prose blockquote{margin:1.2em 0;padding:0 0 0 1.1rem;border-left:3px solid var(--line);color:var(--soft)}
    .prose code{font:.87em var(--mono);background:var(--panel);padding:.12em .35em;border-radius:4px}
    .prose pre{background:var(--panel);border-radius:6px;padding:.9rem 1.1rem;overflow-x:auto;line-height:1.5}
    .prose pre code{background:none;padding:0;font-size:.82rem}
    .prose hr{border:0;border-top:1px solid var(--line);margin:2.4rem 0}
    .cell{margin-top:2.4rem}
    .prose+.cell{margin-top:1.7rem}
    .cell.failed{border-left:3px solid var(--bad);padding-left:1.1rem;margin-left:calc(-1.1rem - 3px)}
    .cell.unreached .code h3,.cell.unreached h3{color:var(--faint);font-weight:550}
    .note{font-size:.88rem;color:var(--faint);margin:.2rem 0 0}
    details>summary{cursor:pointer;list-style:none;width:fit-content;font-size:.82rem;color:var(--faint);line-height:1.9;border-radius:4px}
    details>summary::-webkit-details-marker{display:none}
    details>summary::before{content:"";display:inline-block;width:.36em;height:.36em;border:solid currentColor;border-width:0 1.5px 1.5px 0;transform:rotate(-45deg);margin:0 .7em .15em .1em;transition:transform .12s}
    details[open]>summary::before{transform:rotate(45deg) translate(-.1em,-.1em)}
    details>summary:hover{color:var(--ink)}
    summary:focus-visible,a:focus-visible,.scroll:focus-visible,pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    .time{color:var(--faint);font-size:.82rem;font-variant-numeric:tabular-nums}
    summary .time::before{content:"·";margin:0 .5em}
    .cell>.code>summary,.head{display:flex;align-items:baseline;gap:0 .6rem;width:auto}
    .fold,.time{white-space:nowrap}
    .cell>.code>summary::before{order:2;margin:0 -.2rem .1em 0;align-self:baseline}
    .cell>.code>summary h3,.head h3{flex:1 1 8rem;color:var(--ink)}
    .cell>.code>summary .fold{order:3}.cell>.code>summary .time,.head .time{order:4}
    .cell>.code>summary .time::before{margin:0 .6rem 0 0}
    .cell:not(:has(h3))>.code>summary{justify-content:flex-end}
    details.code>pre{margin:.5rem 0 1rem;padding:.95rem 1.1rem;background:var(--panel);border-radius:6px;overflow-x:auto;font:.8rem/1.6 var(--mono);tab-size:2}
    .hc{color:var(--hc)}.hs{color:var(--hs)}.hn{color:var(--hn)}.hk{color:var(--hk)}.ht{color:var(--ht)}.ha{color:var(--ha)}.hf{color:var(--hf)}
    pre.printed{margin:.8rem 0;padding:.1rem 0 .1rem 1rem;border-left:2px solid var(--line);font:.82rem/1.6 var(--mono);overflow-x:auto;tab-size:8}
    figure{margin:1.3rem 0 1.8rem}
    .figure-title{font-weight:600;font-size:.95rem;line-height:1.4;margin-bottom:.5rem}
    figcaption{font-size:.85rem;line-height:1.5;color:var(--soft);margin-top:.55rem;max-width:42rem}
    .scroll{overflow-x:auto;max-width:100%}
    table{border-collapse:collapse;font-size:.86rem;line-height:1.45;font-variant-numeric:tabular-nums}
    .table table{width:max-content;min-width:min(100%,20rem)}
    .table th,.table td,.facts th,.facts td{padding:.38rem 1.3rem .38rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line)}
    .table th:last-child,.table td:last-child{padding-right:.2rem}
    .table thead th{font-weight:600;color:var(--soft);border-bottom-color:var(--faint);vertical-align:bottom}
    .table td{max-width:28rem}
    .table .n{text-align:right;white-space:nowrap}
    .facts th{font-weight:400;color:var(--soft);white-space:nowrap}.facts td{font-family:var(--mono);font-size:.8rem;overflow-wrap:anywhere;min-width:8rem}
    .facts .badge{margin-left:.4rem}
    footer>details{margin-top:.5rem}footer>details>.scroll{margin:.3rem 0 1.2rem}
    footer h2{border-top:1px solid var(--line);padding-top:2rem;margin-top:4rem}
    footer summary{font-size:.92rem;color:var(--soft)}
    .picture{margin:0;width:var(--w);max-width:100%}
    .picture img{display:block;width:100%;height:auto;border-radius:2px;background:var(--panel);box-shadow:0 0 0 1px var(--line)}
    .picture img.pixels{image-rendering:pixelated}
    .picture figcaption{font-size:.74rem;line-height:1.35;margin-top:.25rem;color:var(--soft);overflow-wrap:anywhere}
    .gallery{display:flex;flex-wrap:wrap;gap:.9rem .75rem}
    .tracks{display:flex;flex-wrap:wrap;gap:.2rem 16px;align-items:flex-start}
    .tracks table{flex:none}
    .tracks th{font-weight:600;font-size:.8rem;color:var(--soft);text-align:left;padding:0 10px .35rem 0}
    .tracks td{padding:0 10px .8rem 0;vertical-align:top}
    .tracks .picture{max-width:none}.spread figcaption{white-space:nowrap}
    nav ul{list-style:none;margin:0;padding:0}
    nav a{display:block;color:var(--soft);text-decoration:none;padding:.17rem 0;line-height:1.4}
    nav a:hover{color:var(--accent)}
    nav .l2 a{padding-left:.9rem}
    nav .failed a{color:var(--bad)}nav .unreached a{color:var(--faint)}
    .contents-head{font-weight:600;margin:0 0 .4rem}
    aside.contents{display:none}
    .contents-fold{margin-top:1.4rem;font-size:.92rem}
    .contents-fold>summary{font-size:.92rem;color:var(--soft)}
    .contents-fold nav{padding:.3rem 0 .2rem 1.1rem}
    .stages{list-style:none;margin:2.4rem 0 0;padding:0}
    .stage{padding:1.15rem 0 1.2rem;border-top:1px solid var(--line)}
    .stage-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem .8rem}
    .stage-head h2{font-size:1.12rem;margin:0}
    .when{font-size:.84rem;color:var(--soft);font-variant-numeric:tabular-nums}
    .stage p{margin:.25rem 0 0;color:var(--soft);font-size:.95rem}
    .stage .figures{border:0;padding:0;margin:.7rem 0 0;gap:.7rem 1.5rem}.stage .figures .value{font-size:1.15rem}
    .instances{list-style:none;display:grid;gap:.35rem;padding:0;margin:.5rem 0 0;font-size:.88rem}
    .graph{margin:2rem 0 0}
    .chapter{margin-top:5rem;padding-top:3rem;border-top:3px solid var(--line)}
    .tools .instances{margin-top:0}
    .effect{margin-top:2.4rem}.effect p{margin:.4rem 0 0}

    """

  private static let charts = """
    svg.chart{display:block;width:100%;height:auto;overflow:visible}
    svg.narrow{display:none}
    .chart text{fill:var(--soft);font:12px var(--sans);font-variant-numeric:tabular-nums}
    .chart .axis-title,.chart .legend text{fill:var(--ink)}
    .chart .nodata{fill:var(--faint);font-size:14px}
    .chart .grid path{stroke:var(--line);fill:none}
    .chart .axis{stroke:var(--faint);fill:none}
    .chart .rules path{stroke:var(--ink);stroke-dasharray:4 3;stroke-opacity:.7;fill:none}
    .chart .rules text{fill:var(--ink);paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
    .s0{color:var(--s0)}.s1{color:var(--s1)}.s2{color:var(--s2)}.s3{color:var(--s3)}.s4{color:var(--s4)}.s5{color:var(--s5)}
    .chart .bars rect{fill:color-mix(in srgb,currentColor 86%,var(--bg))}
    .chart .bars rect:hover{fill:currentColor}
    .chart .bars.overlaid rect,.chart .bars.overlaid rect:hover{fill:transparent}
    .chart .bars .outline{fill:currentColor;fill-opacity:.22;stroke:currentColor;stroke-width:1.5;pointer-events:none}
    .chart .line path,.chart path.line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .chart .dense path{stroke-width:1}
    .chart .dashed path,.chart path.dashed{stroke-dasharray:5 4}
    .chart .line circle{fill:currentColor}
    .chart .band{fill:currentColor;fill-opacity:.18}
    .chart .points circle{fill:currentColor;fill-opacity:.65}
    .chart .dots path{fill:none;stroke:currentColor;stroke-width:4;stroke-linecap:round;stroke-opacity:.4}
    .chart .dots.many path{stroke-width:3.4;stroke-opacity:.28}
    .chart .lines path{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round}
    .chart .lines .best{stroke-width:3.2}
    .chart .lines path:hover{stroke-opacity:1;stroke-width:3.2}
    .chart .swatch{fill:currentColor}
    .chart path.swatch{fill:none}
    .chart .swatch.area{fill-opacity:.35}
    .graph svg{display:block;max-width:none;height:auto}
    .graph .edge{fill:none;stroke:var(--faint);stroke-width:1.2}
    .graph rect{fill:var(--panel);stroke:var(--line)}
    .graph text{fill:var(--ink);font:500 13px var(--sans)}
    .graph .good circle{fill:var(--good)}.graph .bad circle{fill:var(--bad)}.graph .odd circle{fill:var(--odd)}.graph .busy circle{fill:var(--busy)}.graph circle{fill:var(--faint)}
    .graph a:hover rect{stroke:var(--accent)}

    """

  private static let screens = """
    @media (min-width:72rem){.layout:has(aside){grid-template-columns:minmax(0,44rem) 13rem;column-gap:4.5rem}
    aside.contents{display:block;font-size:.84rem}aside.contents nav{position:sticky;top:2.5rem;max-height:calc(100vh - 5rem);overflow-y:auto}
    .contents-fold{display:none}}
    @media (max-width:34rem){.layout{padding:1.6rem 1.1rem 4rem}h1{font-size:1.65rem}.lead{font-size:1.02rem}h2{font-size:1.25rem;margin-top:2.6rem}
    .figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem}.figures .value{font-size:1.35rem}
    svg.wide{display:none}svg.narrow{display:block}
    .tracks .picture{width:min(var(--w),max(84px,calc((100vw - 2.2rem)/var(--n) - 10px)))}.cell.failed{margin-left:-.9rem;padding-left:calc(.9rem - 3px)}}
    @media print{:root{--bg:#fff;--ink:#000;--soft:#444;--faint:#777;--line:#ccc;--panel:#f4f4f4}
    body{font-size:10.5pt}.layout{display:block;padding:0}aside.contents,.contents-fold,details:not([open]){display:none}
    .scroll,pre{overflow:visible;white-space:pre-wrap}figure,.figures,tr{break-inside:avoid}h2,h3{break-after:avoid}a{color:inherit}}
    @media (prefers-reduced-motion:reduce){*{transition:none!important}}

    """
}
