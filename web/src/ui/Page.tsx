/** The frame of every page but the inbox: a heading, what can be filtered, and the content that scrolls. */

import { type ReactNode, useEffect } from "react";
import classes from "./Page.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, tools, children }: Props) {
  usePageTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        </div>
        {tools !== undefined && <div className={classes.tools}>{tools}</div>}
      </header>
      {children}
    </div>
  );
}

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Saola`;
  }, [title]);
}
