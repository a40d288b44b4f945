//! Levels of assurance with which somebody signed in, as `acr` says them, and by what, as `amr` does.

use guildhall_accounts::{Assurance, Method, SecondFactor};

/// With one thing: a password, a link in a mail, another provider.
pub const ONE_FACTOR: &str = "urn:guildhall:acr:1";
/// With two, or with a passkey, which is a thing that one has and that is unlocked by what one knows or is.
pub const TWO_FACTORS: &str = "urn:guildhall:acr:2";

/// The levels, the lowest first.
const LEVELS: [&str; 2] = [ONE_FACTOR, TWO_FACTORS];

/// The level of a sign-in.
pub(crate) fn of(assurance: &Assurance) -> &'static str {
    match (assurance.method, assurance.second) {
        (Method::Passkey, _) | (_, Some(_)) => TWO_FACTORS,
        _ => ONE_FACTOR,
    }
}

/// What a sign-in was made with: the values of RFC 8176 where it has one, and `mail` and `fed` where it has none.
pub(crate) fn methods(assurance: &Assurance) -> Vec<&'static str> {
    let mut words = match assurance.method {
        Method::Password | Method::Registration => vec!["pwd"],
        Method::Mail => vec!["mail"],
        Method::Provider => vec!["fed"],
        // A key whose owner was verified by the device.
        Method::Passkey => vec!["pop", "user"],
    };
    match assurance.second {
        Some(SecondFactor::Code) => words.push("otp"),
        Some(SecondFactor::Passkey) if assurance.method != Method::Passkey => words.extend(["pop", "user"]),
        _ => {}
    }
    if of(assurance) == TWO_FACTORS {
        words.push("mfa");
    }
    words
}

/// The first of the wanted levels that this one reaches; a higher one reaches the lower ones too.
pub(crate) fn reached<'a>(have: &str, wanted: &'a [String]) -> Option<&'a str> {
    let level = |name: &str| LEVELS.iter().position(|known| *known == name);
    let have = level(have)?;
    wanted.iter().map(String::as_str).find(|name| level(name).is_some_and(|level| level <= have))
}

#[cfg(test)]
mod tests {
    use guildhall_accounts::SessionId;
    use guildhall_base::Timestamp;

    use super::*;

    fn signed_in(method: Method, second: Option<SecondFactor>) -> Assurance {
        Assurance { session: SessionId::new(1), method, second, at: Timestamp::from_millis(0) }
    }

    #[test]
    fn what_is_told_is_what_was_shown() {
        let told = |method, second| {
            let assurance = signed_in(method, second);
            (of(&assurance), methods(&assurance).join(" "))
        };
        assert_eq!(told(Method::Password, None), (ONE_FACTOR, "pwd".to_owned()));
        assert_eq!(told(Method::Mail, None), (ONE_FACTOR, "mail".to_owned()));
        assert_eq!(told(Method::Provider, None), (ONE_FACTOR, "fed".to_owned()));
        assert_eq!(told(Method::Passkey, None), (TWO_FACTORS, "pop user mfa".to_owned()));
        let code = Some(SecondFactor::Code);
        assert_eq!(told(Method::Password, code), (TWO_FACTORS, "pwd otp mfa".to_owned()));
        let passkey = Some(SecondFactor::Passkey);
        assert_eq!(told(Method::Mail, passkey), (TWO_FACTORS, "mail pop user mfa".to_owned()));
        assert_eq!(told(Method::Passkey, passkey), (TWO_FACTORS, "pop user mfa".to_owned()));
    }

    #[test]
    fn a_higher_level_reaches_a_lower_one_and_not_the_other_way_round() {
        let (one, two) = (vec![ONE_FACTOR.to_owned()], vec![TWO_FACTORS.to_owned()]);
        assert_eq!(reached(TWO_FACTORS, &one), Some(ONE_FACTOR));
        assert_eq!(reached(ONE_FACTOR, &two), None);
        let both = vec!["phr".to_owned(), TWO_FACTORS.to_owned(), ONE_FACTOR.to_owned()];
        assert_eq!(reached(ONE_FACTOR, &both), Some(ONE_FACTOR));
        assert_eq!(reached(TWO_FACTORS, &both), Some(TWO_FACTORS));
    }
}
