/** The gate: the frame for who is signed in, the sign-in page for who is not; the address stays, so links survive it. */

import { Failure, Loading } from "@/ui/States";
import { SignInPage } from "@/features/session/SignInPage";
import { useSession } from "./session";
import { Shell } from "./Shell";

export function SignedIn() {
  const { data, isPending, error, refetch } = useSession();
  if (isPending) return <Loading />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return data === null ? <SignInPage /> : <Shell />;
}
