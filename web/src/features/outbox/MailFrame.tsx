/**
 * A mail's HTML in a sandboxed frame: no scripts, no forms, no navigation, nothing fetched.
 *
 * The frame inherits the page's Content-Security-Policy, which forbids style attributes, and mail has no other styles. So
 * they are carried in as data and set through the style object, which the policy allows; `allow-same-origin` is there
 * for that alone and harmless without `allow-scripts`.
 */

import { useRef } from "react";
import { inertMail, STYLE_DATA } from "./inertMail";
import classes from "./Outbox.module.css";

export function MailFrame({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const dress = () => {
    const page = frame.current?.contentDocument;
    for (const element of page?.querySelectorAll<HTMLElement>(`[${STYLE_DATA}]`) ?? []) {
      element.style.cssText = element.getAttribute(STYLE_DATA) ?? "";
    }
  };
  return <iframe ref={frame} className={classes.frame} title={title} sandbox="allow-same-origin" referrerPolicy="no-referrer" srcDoc={inertMail(html)} onLoad={dress} />;
}
