/** What the centre refused, beside the form, announced at once. */

import { useProblemText } from "@/ui/problem";
import classes from "./Door.module.css";

export function FormProblem({ error }: { error: unknown }) {
  const problemText = useProblemText();
  if (error === null || error === undefined) return null;
  const { what, todo } = problemText(error);
  return (
    <p className={classes.error} role="alert">
      <strong>{what}</strong>
      {todo}
    </p>
  );
}
