//! Changes of accounts.

use super::super::{Account, Change, Effect, Recorded};
use super::State;

impl State {
    pub(super) fn apply_to_account(&mut self, entry: &Recorded, effects: &mut Vec<Effect>) {
        match &entry.change {
            Change::UserPut { user } => {
                let before = self.records.accounts.get(&user.name);
                let account = match before {
                    Some(account) => Account {
                        user: user.clone(),
                        ..Account::clone(account)
                    },
                    None => Account {
                        user: user.clone(),
                        password: None,
                        setup: None,
                        generation: 0,
                    },
                };
                self.put_account(account, effects);
            }
            Change::SetupIssued { name, link } => {
                self.change_account(name, effects, |account| account.setup = Some(link.clone()));
            }
            Change::PasswordSet { name, password } => self.change_account(name, effects, |account| {
                account.password = Some(password.clone());
                account.setup = None;
                account.generation = account.generation.wrapping_add(1);
            }),
            _ => {}
        }
    }

    fn change_account(&mut self, name: &str, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Account)) {
        let found = self
            .records
            .accounts
            .get(name)
            .map(|account| Account::clone(account));
        if let Some(mut account) = found {
            change(&mut account);
            self.put_account(account, effects);
        }
    }
}
