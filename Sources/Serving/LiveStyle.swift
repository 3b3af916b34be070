// What the live page adds to the style sheet of all pages.

/// Rules for the live page, in the variables of the common style sheet.
enum LiveStyle {
  static let sheet = """
    .layout.live{grid-template-columns:minmax(0,72rem);padding-top:2.2rem}
    .live h2{margin:0 0 .9rem;font-size:1.15rem}.live h3{font-size:1rem}
    .live section{margin-top:2.6rem;min-width:0}
    .live .head-row{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.2rem 1.5rem}
    .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .quiet{color:var(--faint);font-size:.9rem;margin:.4rem 0 0}.quiet:empty{display:none}
    .live code{font:.87em var(--mono);background:var(--panel);padding:.12em .35em;border-radius:4px}
    .live .graph{margin:1.6rem 0 0;padding-bottom:.3rem}
    .live .figures{margin:1.6rem 0 0}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem;margin-top:1.6rem}
    .card{background:var(--panel);border-radius:8px;padding:1rem 1.15rem}
    .card-head{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:0 1rem}
    .card p{margin:.55rem 0 0;display:flex;flex-wrap:wrap;gap:0 .9rem}.card strong{color:var(--ink);font-weight:600}
    .bar{height:.5rem;border-radius:.25rem;background:var(--line);overflow:hidden;margin-top:.6rem}
    .bar>div{height:100%;border-radius:.25rem;background:var(--accent);transition:width .4s linear}
    .controls{display:grid;gap:.7rem;margin-top:1.1rem}.controls form{margin:0}
    .control{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem}.control-name{font-weight:600;min-width:5.5rem}
    .live button,.live input,.live select{font:inherit;font-size:.88rem;color:var(--ink);background:var(--bg);border:1px solid var(--faint);border-radius:6px;padding:.32rem .7rem;min-height:2.25rem;max-width:100%}
    .live button{cursor:pointer;background:var(--panel);font-weight:550}.live button:hover{border-color:var(--accent);color:var(--accent)}
    .live button.danger{color:var(--bad);border-color:currentColor;background:var(--bad-bg)}.live button[disabled]{opacity:.6;cursor:default}
    .live input[type=number]{width:4.6rem}.live input[type=checkbox]{min-height:0;width:1.1rem;height:1.1rem;padding:0;accent-color:var(--accent);vertical-align:-.15rem}
    .live input[type=range]{min-width:11rem;padding:0;border:0;accent-color:var(--accent)}
    .live label{font-size:.88rem;color:var(--soft)}
    .live button:focus-visible,.live input:focus-visible,.live select:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    .inline{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .6rem;margin:0 0 .9rem}
    .inline input{flex:1 1 14rem;max-width:26rem}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:1.6rem 2.4rem}
    .charts figure{margin:0;min-width:0}
    .pair{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 3rem}
    .meter{display:grid;grid-template-columns:4.6rem 1fr minmax(7.5rem,auto);align-items:center;gap:.9rem;font-size:.9rem;margin:.35rem 0}.meter .bar{margin:0}
    pre.tail{margin:0;padding:.9rem 1.1rem;background:var(--panel);border-radius:8px;font:.78rem/1.6 var(--mono);max-height:22rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:8}
    .live .stages{margin:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:0 2.4rem}
    .live .stage{padding:.75rem 0 .8rem}.live .stage:target{background:var(--busy-bg)}
    .links{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:0;padding:0}
    .compare th[scope=row]{font-weight:400;color:var(--soft)}
    .compare td{font-family:var(--mono);font-size:.8rem}
    #link{display:inline-block}#link[data-on=no]{background:var(--odd-bg);color:var(--odd)}
    .toast{position:fixed;left:50%;bottom:1.2rem;transform:translateX(-50%);max-width:calc(100vw - 2rem);background:var(--ink);color:var(--bg);border-radius:8px;padding:.6rem 1.1rem;font-size:.9rem;box-shadow:0 4px 18px rgb(0 0 0/.25)}
    .toast:empty{display:none}
    @media (max-width:62rem){.pair{grid-template-columns:minmax(0,1fr)}}
    @media (max-width:34rem){.layout.live{padding-top:1.4rem}.live section{margin-top:2.1rem}.live button,.live input:not([type=checkbox]),.live select{min-height:2.75rem}.meter{grid-template-columns:4.2rem 1fr auto;gap:.7rem}}

    """
}
