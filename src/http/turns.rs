//! Turns: a few places for work, and a queue before them that no client can fill for all the others.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::client::Client;
use super::{Code, Problem};

/// How many may be worked on, and how many may wait or be worked on: in all, of those whom nobody knows, of one address
/// and of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub places: usize,
    pub all: usize,
    pub unknown: usize,
    pub address: usize,
    pub account: usize,
}

/// Places and the queue before them. Clients take turns, so whoever asks much waits behind who asks little.
#[derive(Clone)]
pub struct Turns {
    what: &'static str,
    quota: Quota,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    free: usize,
    /// What waits or is worked on, by client.
    held: BTreeMap<Client, usize>,
    /// Those who wait, a line a client, in the order in which the clients' turns come.
    lines: VecDeque<(Client, VecDeque<oneshot::Sender<Place>>)>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Nothing panics while it holds this.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turns {
    /// `what` is what is asked for, in the plural, as a refusal calls it.
    pub fn new(what: &'static str, quota: Quota) -> Turns {
        let state = State { free: quota.places, ..State::default() };
        Turns { what, quota, state: Arc::new(Mutex::new(state)) }
    }

    /// Admits a client to the queue, or says why not. The program's own work is always admitted.
    pub fn enter(&self, client: Client) -> Result<Ticket, Problem> {
        let mut state = lock(&self.state);
        let Quota { all, unknown, address, account, .. } = self.quota;
        let (own, most) = match client {
            Client::Own => (0, usize::MAX),
            Client::Address(_) => (address, unknown),
            Client::Account(_) | Client::Operator => (account, all),
        };
        let mine = state.held.get(&client).copied().unwrap_or(0);
        if client != Client::Own && mine >= own {
            let whose = if client.is_known() { "account" } else { "address" };
            return Err(Problem::new(
                Code::Quota,
                format!(
                    "{own} {} of one {whose} may wait or run at once; ask again when one of them has ended.",
                    self.what
                ),
            ));
        }
        let counted = |known: bool| -> usize {
            let counts = state.held.iter().filter(|(held, _)| **held != Client::Own && (known || !held.is_known()));
            counts.map(|(_, count)| count).sum()
        };
        if client != Client::Own && (counted(true) >= all || counted(client.is_known()) >= most) {
            let what = self.what;
            return Err(Problem::new(Code::Busy, format!("Too many {what} at once; ask again in a few seconds.")));
        }
        *state.held.entry(client).or_default() += 1;
        Ok(Ticket { client, state: Arc::clone(&self.state) })
    }
}

/// A place in the queue. It is counted until it is dropped.
pub struct Ticket {
    client: Client,
    state: Arc<Mutex<State>>,
}

impl Ticket {
    /// Waits for this client's turn.
    pub async fn place(&self) -> Place {
        let turn = {
            let mut state = lock(&self.state);
            if state.free > 0 {
                state.free -= 1;
                return Place(Some(Arc::clone(&self.state)));
            }
            let (sender, turn) = oneshot::channel();
            match state.lines.iter_mut().find(|(client, _)| *client == self.client) {
                Some((_, line)) => line.push_back(sender),
                None => state.lines.push_back((self.client, VecDeque::from([sender]))),
            }
            turn
        };
        // A sender is dropped only together with everything else here.
        turn.await.unwrap_or(Place(None))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if let Some(count) = state.held.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                state.held.remove(&self.client);
            }
        }
        // Whoever has gone away need not be offered a place.
        for (_, line) in &mut state.lines {
            line.retain(|waits| !waits.is_closed());
        }
        state.lines.retain(|(_, line)| !line.is_empty());
    }
}

/// A place to work at. The next client has it when it is dropped.
pub struct Place(Option<Arc<Mutex<State>>>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some(held) = self.0.take() else { return };
        let mut state = lock(&held);
        while let Some((client, mut line)) = state.lines.pop_front() {
            let next = line.pop_front();
            if !line.is_empty() {
                state.lines.push_back((client, line));
            }
            let Some(next) = next else { continue };
            match next.send(Place(Some(Arc::clone(&held)))) {
                Ok(()) => return,
                // They have gone away; the place is not given back twice.
                Err(mut unused) => drop(unused.0.take()),
            }
        }
        state.free += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use uuid::Uuid;

    const QUOTA: Quota = Quota { places: 1, all: 6, unknown: 4, address: 3, account: 4 };

    fn from(last: u8) -> Client {
        Client::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
    }

    fn slug(refused: Result<Ticket, Problem>) -> &'static str {
        refused.err().map_or("admitted", |problem| problem.code.slug())
    }

    #[test]
    fn one_address_and_those_whom_nobody_knows_cannot_fill_the_queue() {
        let turns = Turns::new("searches", QUOTA);
        let enter = |client| turns.enter(client);
        let mut held: Vec<Ticket> = (0..3).filter_map(|_| enter(from(1)).ok()).collect();
        assert_eq!((held.len(), slug(enter(from(1)))), (3, "too-many"));
        held.push(enter(from(2)).expect("another address has room"));
        assert_eq!(slug(enter(from(3))), "busy");
        let account = Client::Account(Uuid::from_u128(7));
        held.extend((0..2).filter_map(|_| enter(account).ok()));
        assert_eq!((held.len(), slug(enter(account))), (6, "busy"));
        assert_eq!(slug(enter(Client::Own)), "admitted");
        held.clear();
        assert_eq!(slug(enter(from(1))), "admitted");
        assert!(lock(&turns.state).held.is_empty(), "nothing is kept of those who have left");
    }

    #[tokio::test]
    async fn clients_take_turns_and_whoever_has_gone_away_is_passed_over() {
        let turns = Turns::new("searches", QUOTA);
        let order = Arc::new(Mutex::new(Vec::new()));
        let first = turns.enter(Client::Operator).expect("room");
        let place = first.place().await;
        let mut waiting = Vec::new();
        for (client, name) in [(from(1), "a1"), (from(1), "a2"), (from(1), "gone"), (from(2), "b1")] {
            let (ticket, order) = (turns.enter(client).expect("room"), order.clone());
            let waits = tokio::spawn(async move {
                let _place = ticket.place().await;
                order.lock().expect("the order").push(name);
            });
            tokio::task::yield_now().await;
            if name == "gone" { waits.abort() } else { waiting.push(waits) }
        }
        drop(place);
        for waits in waiting {
            waits.await.expect("its turn comes");
        }
        assert_eq!(*order.lock().expect("the order"), ["a1", "b1", "a2"]);
        drop(first);
        let state = lock(&turns.state);
        assert!(state.free == 1 && state.held.is_empty() && state.lines.is_empty());
    }
}
