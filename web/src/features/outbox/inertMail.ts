/** Mail HTML without anything that runs, fetches or leaves; style attributes carried as data (see MailFrame). */

export const STYLE_DATA = "data-mail-style";

/** Elements that are kept; every other is replaced by its children, and those of `DROPPED` go with all they hold. */
const KEPT = new Set(
  "a abbr address b blockquote br caption center code col colgroup dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s small span strong sub sup table tbody td tfoot th thead tr u ul".split(" "),
);
const DROPPED = new Set("script style template iframe object embed svg math noscript title head meta link base form input button select textarea".split(" "));
const ATTRIBUTES = new Set(["align", "valign", "width", "height", "cellpadding", "cellspacing", "border", "bgcolor", "colspan", "rowspan", "lang", "dir", "role"]);

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function attributes(element: Element): string {
  return [...element.attributes]
    .flatMap(({ name, value }) => {
      if (name === "style" || name === STYLE_DATA) return [` ${STYLE_DATA}="${escape(value.replace(/url\s*\([^)]*\)/gi, "none"))}"`];
      return ATTRIBUTES.has(name) ? [` ${name}="${escape(value)}"`] : [];
    })
    .join("");
}

function write(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return escape(node.textContent ?? "");
  if (!(node instanceof Element)) return "";
  const name = node.localName;
  if (DROPPED.has(name)) return "";
  const inner = [...node.childNodes].map(write).join("");
  if (!KEPT.has(name)) return inner;
  return name === "br" || name === "hr" || name === "col" ? `<${name}${attributes(node)}>` : `<${name}${attributes(node)}>${inner}</${name}>`;
}

/** Renames style attributes in the text before it is parsed: even an inert parser reports them to the policy. */
function carryStyles(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(\s)style(\s*=)/gi, `$1${STYLE_DATA}$2`));
}

export function inertMail(html: string): string {
  const page = new DOMParser().parseFromString(carryStyles(html), "text/html");
  return `<!doctype html><meta charset="utf-8">${write(page.body)}`;
}
