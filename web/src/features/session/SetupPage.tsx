/** The one-time link of the first start: sets the administrator's password, then leads to the sign-in. */

import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { session } from "@/api/calls";
import { KNOWN_NAME_KEY } from "@/app/queries";
import { Loading } from "@/ui/States";
import { Door } from "./Door";
import classes from "./Door.module.css";
import { FormProblem } from "./FormProblem";

const MIN_LENGTH = 12;

export function SetupPage() {
  const { t } = useTranslation("session");
  const { token } = useParams({ from: "/setup/$token" });
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const link = useQuery({ queryKey: ["setup", token], queryFn: () => session.setupValid(token), retry: false, staleTime: Infinity });
  const client = useQueryClient();
  const setUp = useMutation({
    mutationFn: () => session.setUp(token, password),
    onSuccess: () => {
      client.setQueryData(KNOWN_NAME_KEY, link.data?.name ?? "");
      return navigate({ to: "/inbox" });
    },
  });
  const short = password !== "" && Array.from(password).length < MIN_LENGTH;
  const differs = again !== "" && again !== password;

  if (link.isPending) return <Loading />;
  return (
    <Door title={t("setup.title")} lead={link.error ? t("setup.dead_link") : t("setup.lead")}>
      {link.error ? (
        <FormProblem error={link.error} />
      ) : (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            setUp.mutate();
          }}
        >
          <PasswordInput
            label={t("new_password")}
            description={t("setup.rule", { count: MIN_LENGTH })}
            name="new-password"
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={password}
            error={short ? t("setup.too_short", { count: MIN_LENGTH }) : undefined}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
          />
          <PasswordInput
            label={t("password_again")}
            name="new-password-again"
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={again}
            error={differs ? t("setup.differs") : undefined}
            onChange={(event) => setAgain(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
          />
          <FormProblem error={setUp.error} />
          <Button type="submit" loading={setUp.isPending} disabled={password === "" || short || again !== password}>
            {t("setup.submit")}
          </Button>
        </form>
      )}
    </Door>
  );
}
