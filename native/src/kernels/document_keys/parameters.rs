//! Query parameters that name a visit or a campaign and never a page: for keys of addresses, and for the addresses that a crawler fetches.

/// Campaigns, clicks, mailings and sessions: named the same everywhere, never part of a page's name.
pub const ALWAYS: &[&str] = &[
    "gclid",
    "gclsrc",
    "dclid",
    "wbraid",
    "gbraid",
    "fbclid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "vero_id",
    "wickedid",
    "phpsessid",
    "jsessionid",
    "sessid",
    "sessionid",
    "session_id",
    "asp.net_sessionid",
    "cfid",
    "cftoken",
    "zenid",
    "oscsid",
    "osccid",
];

/// Beginnings of such names.
pub const PREFIXES: &[&str] = &["utm_", "pk_", "mtm_", "hsa_", "aspsessionid"];

/// Names of sessions, but of articles and searches too: it is the value that tells.
pub const BY_VALUE: &[&str] = &["sid", "session", "s", "s_id"];

/// Whether a parameter of this name goes whatever its value is; names are compared without case.
pub fn goes(name: &[u8]) -> bool {
    let begins = |known: &&str| name.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known.as_bytes()));
    is_any(ALWAYS, name) || PREFIXES.iter().any(begins)
}

/// Whether it may name a session.
pub fn may_be_session(name: &[u8]) -> bool {
    is_any(BY_VALUE, name)
}

fn is_any(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}
