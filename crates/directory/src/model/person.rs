//! What somebody decided about themselves in the directory.

bitflags::bitflags! {
    /// One bit for each decision.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct PersonFlags: u32 {
        /// For whom they vote is nobody's business but that of those whom they vote for.
        const VOTES_PRIVATE = 1 << 0;
    }
}
