/** Text from outside: monospaced, wrapped, inert, with what it hides made visible and what matched marked. */

import { useTranslation } from "react-i18next";
import { cutAtBytes } from "./bytes";
import classes from "./Foreign.module.css";
import { pieces } from "./visible";

interface Props {
  text: string;
  /** Bytes of the UTF-8 form. */
  span?: { start: number; end: number } | null | undefined;
  block?: boolean;
}

function Visible({ text }: { text: string }) {
  return pieces(text).map((piece, index) =>
    piece.mark === undefined ? (
      piece.text
    ) : (
      <span key={index} className={classes.mark} title={piece.mark}>
        {piece.text}
      </span>
    ),
  );
}

export function Foreign({ text, span, block = false }: Props) {
  const { t } = useTranslation();
  const { before, match, after } = cutAtBytes(text, span);
  return (
    <bdi className={block ? classes.block : classes.inline}>
      <Visible text={before} />
      {match !== "" && (
        <mark className={classes.match}>
          <span className="visually-hidden">{t("matched")}</span>
          <Visible text={match} />
        </mark>
      )}
      <Visible text={after} />
    </bdi>
  );
}
