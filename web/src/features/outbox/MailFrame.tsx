/**
 * A mail's HTML as a page of its own in a sandboxed frame: no scripts, no forms, no navigation, nothing fetched. The centre
 * serves it under a policy that says the same and allows the style attributes that mail is made of; in a `srcdoc` the
 * console's stricter policy would strip them.
 */

import classes from "./Outbox.module.css";

export function MailFrame({ id, title }: { id: string; title: string }) {
  return <iframe className={classes.frame} title={title} sandbox="" referrerPolicy="no-referrer" src={`/api/v1/outbox/${encodeURIComponent(id)}/html`} />;
}
