/** Search, the state of the live stream, language, and the person's menu. */

import { ActionIcon, TextInput } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import { Hint } from "@/keys/Hint";
import { Icon } from "@/ui/Icon";
import type { LiveState } from "./live";
import classes from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

interface Props {
  searchRef: RefObject<HTMLInputElement | null>;
  live: LiveState;
  onHelp: () => void;
  onSearch: (text: string) => void;
}

export function Header({ searchRef, live, onHelp, onSearch }: Props) {
  const { t } = useTranslation();
  const shown = useSearch({ strict: false });
  const q = "q" in shown ? (shown.q ?? "") : "";
  return (
    <header className={classes.header}>
      <Link to="/inbox" className={classes.brand} aria-label={t("brand_home")}>
        <img src="/saola.svg" width="24" height="24" alt="" />
        <span>Saola</span>
      </Link>
      <SearchBox key={q} initial={q} inputRef={searchRef} onSearch={onSearch} />
      <div className={classes.spacer} />
      <span className={classes.live} data-state={live} role="status">
        <span>{t(`live.${live}`)}</span>
      </span>
      <ActionIcon variant="subtle" color="gray" aria-label={t("show_keys")} title={t("show_keys")} onClick={onHelp} visibleFrom="sm">
        <Icon name="keyboard" />
      </ActionIcon>
      <UserMenu />
    </header>
  );
}

function SearchBox({ initial, inputRef, onSearch }: { initial: string; inputRef: RefObject<HTMLInputElement | null>; onSearch: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial);
  return (
    <form
      role="search"
      className={classes.search}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
        inputRef.current?.blur();
      }}
    >
      <TextInput
        ref={inputRef}
        type="search"
        size="xs"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
        aria-label={t("search")}
        placeholder={t("search_hint")}
        rightSection={<Hint action="search" />}
        rightSectionPointerEvents="none"
      />
    </form>
  );
}
