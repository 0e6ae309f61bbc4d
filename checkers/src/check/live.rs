//! What the goals on a running container ask of the engine.

use crate::{
    engine::{Act, LiveRequest, Shock},
    evidence::LiveAsk,
    goal,
    spec::{Logs, NONCE, Profile, Then},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The container to start and what to do to it.
pub(super) fn request(ask: &LiveAsk, image: &str, profile: Profile, nonce: &str) -> LiveRequest {
    let put = |env: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        env.iter().map(|(name, value)| (name.clone(), value.replace(NONCE, nonce))).collect()
    };
    let limits = goal::limits(ask);
    let (args, env, act) = match ask {
        LiveAsk::Health(ask) => {
            let then = ask.then.as_ref().map(|then| match then {
                Then::Exec(argv) => Shock::Exec(argv.clone()),
                Then::Signal(signal) => Shock::Signal(signal.clone()),
            });
            let then = then.map(|shock| (shock, limits.1));
            (Vec::new(), put(&ask.env), Act::Health { healthy: limits.0, then })
        }
        LiveAsk::Signal(ask) => {
            let act = Act::Signal { signal: ask.send.clone(), ready: ask.ready.clone(), within: limits.0 };
            (Vec::new(), put(&ask.env), act)
        }
        LiveAsk::Logs(ask) => (ask.args.clone(), put(&ask.env), listen(ask, limits.0, nonce)),
    };
    LiveRequest { image: image.to_owned(), args, env, profile, act }
}

/// It has said enough when the goal is met: what it prints later can only be waited for in vain.
fn listen(ask: &Logs, within: Duration, nonce: &str) -> Act {
    let (ask, nonce) = (ask.clone(), nonce.to_owned());
    let enough = Arc::new(move |out: &str, err: &str| goal::missing_in_logs(&ask, out, err, &nonce).is_none());
    Act::Listen { enough, within }
}
