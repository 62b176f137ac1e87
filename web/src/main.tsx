/** Starts the console: the language first, so that nothing is ever shown without words. */

import "@/app/styles";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { preferences } from "@/app/preferences";
import { startLanguages } from "@/i18n";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
await startLanguages(preferences().language);
createRoot(root).render(<App />);
