/** One import per file of this folder; the key test holds both languages to the same keys. */

import common from "./common.json";
import errors from "./errors.json";
import health from "./health.json";
import inbox from "./inbox.json";
import incident from "./incident.json";
import keys from "./keys.json";
import outbox from "./outbox.json";
import rules from "./rules.json";
import session from "./session.json";
import words from "./words.json";

export const resources = { common, errors, health, inbox, incident, keys, outbox, rules, session, words } as const;
