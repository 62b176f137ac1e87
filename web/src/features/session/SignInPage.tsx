/** Name and password; the cookie is the server's business. */

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { KNOWN_NAME_KEY } from "@/app/queries";
import { useSignIn } from "@/app/session";
import { Door } from "./Door";
import classes from "./Door.module.css";
import { FormProblem } from "./FormProblem";

export function SignInPage() {
  const { t } = useTranslation("session");
  const signIn = useSignIn();
  const client = useQueryClient();
  const [name, setName] = useState(() => client.getQueryData<string>(KNOWN_NAME_KEY) ?? "");
  const [password, setPassword] = useState("");
  const attempt = useMutation({ mutationFn: () => signIn(name.trim(), password), onError: () => setPassword("") });
  return (
    <Door title={t("sign_in.title")} lead={t("sign_in.lead")}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          attempt.mutate();
        }}
      >
        <TextInput label={t("name")} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput
          label={t("password")}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("show_password") }}
        />
        <FormProblem error={attempt.error} />
        <Button type="submit" loading={attempt.isPending}>
          {t("sign_in.submit")}
        </Button>
      </form>
    </Door>
  );
}
