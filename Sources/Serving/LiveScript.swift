// The page's one script: it puts in what the server sends, and sends what is pressed. The content policy names it by its
// hash, so that nothing else on the page can run.

import Foundation
import Hashing

/// The script, and its name in the content policy.
enum LiveScript {
  /// As it stands between the tags.
  static let text = """
    "use strict";
    (() => {
      const known = new Map();
      const link = document.getElementById("link");
      const toast = document.getElementById("toast");
      let source, timer;
      const say = text => {
        toast.textContent = text;
        clearTimeout(timer);
        timer = setTimeout(() => { toast.textContent = ""; }, 8000);
      };
      const state = (on, text) => {
        if (link.dataset.on === on) return;
        link.dataset.on = on;
        link.textContent = text;
      };
      // Puts new markup in its place; what a person has just chosen, opened, typed or scrolled to stays.
      const put = (id, html) => {
        if (known.get(id) === html) return;
        known.set(id, html);
        const place = document.getElementById(id);
        if (!place) return;
        const active = document.activeElement;
        const focus = active && place.contains(active) ? active.id : "";
        if (focus && /^(INPUT|SELECT)$/.test(active.tagName) && active.type !== "checkbox") {
          known.delete(id);
          return;
        }
        const typed = [...place.querySelectorAll("input[id]")].filter(x => x.type === "number" || x.type === "text")
          .map(x => [x.id, x.value]);
        const scrolled = [...place.querySelectorAll(".scroll")].map(x => x.scrollLeft);
        const tail = place.querySelector("pre.tail");
        const follows = !tail || tail.scrollHeight - tail.scrollTop - tail.clientHeight < 40;
        const top = tail ? tail.scrollTop : 0;
        const made = document.createElement("template");
        made.innerHTML = html;
        place.replaceChildren(made.content);
        for (const [name, value] of typed) {
          const field = document.getElementById(name);
          if (field) field.value = value;
        }
        place.querySelectorAll(".scroll").forEach((x, i) => { x.scrollLeft = scrolled[i] || 0; });
        const now = place.querySelector("pre.tail");
        if (now) now.scrollTop = follows ? now.scrollHeight : top;
        if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
      };
      const listen = () => {
        source?.close();
        source = new EventSource("/events" + location.search);
        source.addEventListener("part", event => {
          const part = JSON.parse(event.data);
          put(part.id, part.html);
          state("yes", "live");
        });
        source.addEventListener("title", event => { document.title = event.data; });
        source.onerror = () => {
          state("no", "connection lost, trying again");
          // A browser gives up for good where the answer was an error.
          if (source.readyState === 2) setTimeout(listen, 3000);
        };
      };
      const show = form => {
        const query = new URLSearchParams(location.search);
        const fields = new FormData(form);
        for (const key of new Set([...fields.keys(), form.dataset.clears].filter(Boolean))) query.delete(key);
        for (const [key, value] of fields) if (value) query.append(key, value);
        history.replaceState(null, "", "?" + query);
        document.activeElement?.blur();
        listen();
      };
      document.addEventListener("submit", event => {
        const form = event.target;
        event.preventDefault();
        if (form.method === "get") return show(form);
        if (form.dataset.confirm && !confirm(form.dataset.confirm)) return;
        fetch(form.getAttribute("action"), {
          method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/plain" },
        }).then(answer => answer.text()).then(say, () => say("The server can't be reached."));
      });
      document.addEventListener("change", event => {
        if (!("auto" in event.target.dataset)) return;
        const form = event.target.form;
        if (event.target.type === "checkbox" && form.querySelectorAll("input:checked").length > 5) {
          event.target.checked = false;
          return say("Five runs at most are compared at once.");
        }
        const focus = event.target.id;
        show(form);
        setTimeout(() => document.getElementById(focus)?.focus({ preventScroll: true }), 0);
      });
      const tail = document.querySelector("pre.tail");
      if (tail) tail.scrollTop = tail.scrollHeight;
      listen();
    })();
    """

  /// 'sha256-…' of it.
  static let source: String = {
    let digest = Digest()
    digest.update(text)
    let hex = Array(digest.hex().utf8)
    let bytes = stride(from: 0, to: hex.count - 1, by: 2).compactMap {
      UInt8(String(decoding: hex[$0..<($0 + 2)], as: UTF8.self), radix: 16)
    }
    return "'sha256-\(Data(bytes).base64EncodedString())'"
  }()
}
