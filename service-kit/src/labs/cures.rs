//! The list of a crate's cures, and the kit's own.

/// A crate's list of cures: `Variant: "name" = "what happens without it"`. Makes the enum `Cure`, which `#[cure(…)]`
/// looks into, the function `is_off`, and the lists `CURES` and `LABS`. The crash points come from the crate's
/// `points.txt`. A crate without a mistake of its own writes `cures! {}` for its points.
#[macro_export]
macro_rules! cures {
    () => {
        $crate::cures!(@listed &[]);
    };
    (@listed $cures:expr) => {
        /// What can be switched off in this crate, and where it may crash.
        pub const LABS: $crate::labs::Listed = $crate::labs::Listed {
            of: env!("CARGO_PKG_NAME"),
            cures: $cures,
            points: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/points.txt")),
        };
    };
    ($($variant:ident: $name:literal = $without:literal),+ $(,)?) => {
        /// What can be switched off in this crate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Cure {
            $(#[doc = concat!("Without it ", $without, ".")] $variant),+
        }

        /// Each cure's name, and what happens without it.
        pub const CURES: &[(&str, &str)] = &[$(($name, $without)),+];

        $crate::cures!(@listed CURES);

        pub(crate) fn is_off(cure: Cure) -> bool {
            $crate::labs::off(match cure {
                $(Cure::$variant => $name),+
            })
        }
    };
}

crate::cures! {
    EventWithChange: "event-with-change" = "events are stored in a transaction of their own: some tell of what never was",
    PendingSet: "pending-set" = "the relay reads behind a cursor: what commits late is never sent",
    ConfirmBeforeRemoving: "confirm-before-removing" = "the outbox forgets an event before it is sent",
    AwaitConfirms: "await-confirms" = "what was written to the socket counts as arrived",
    Mandatory: "mandatory" = "the broker confirms what reached no queue",
    AcknowledgeAfterCommit: "acknowledge-after-commit" = "a message is acknowledged before its effect is stored",
    AcknowledgeNoFurther: "acknowledge-no-further" = "an acknowledgement takes messages along that nobody has begun",
    EachAlone: "each-alone" = "one bad event takes its whole batch along to the dead letters",
    ClaimOnce: "claim-once" = "duplicates are acted on",
    ClaimWithEffect: "claim-with-effect" = "an event is marked as done in another transaction than its effect",
    FailureRecorded: "failure-recorded" = "a failed event is acknowledged and forgotten",
    DeadLetterKept: "dead-letter-kept" = "what cannot be read is thrown away",
    AnsweredAfterCommit: "answered-after-commit" = "a batch is answered before its commit",
    IdempotencyKey: "idempotency-key" = "every click is an order",
}
